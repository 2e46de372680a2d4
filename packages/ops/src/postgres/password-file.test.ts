import { existsSync, fstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConnection } from "./connection.ts";
import { openPasswordFile } from "./password-file.ts";

const connection = parseConnection("postgres://app:a%3Ab%5Cc@h/d", {});
const folders = () => new Set(readdirSync(tmpdir()));

describe("openPasswordFile", () => {
  it("has no name on Linux, and only its owner may read it", () => {
    const before = folders();
    const file = openPasswordFile(connection, "linux");
    const { mode, nlink } = fstatSync(file.descriptor!);
    expect([mode & 0o777, nlink]).toEqual([0o600, 0]);
    expect(readFileSync(file.descriptor!, "utf8")).toBe("*:*:*:*:a\\:b\\\\c\n");
    expect([...folders()].filter((name) => !before.has(name) && name.startsWith("seakeep-pass-"))).toEqual(
      [],
    );
    file.close();
    file.close();
    expect(() => fstatSync(file.descriptor!)).toThrow("EBADF");
  });

  it("is removed on close elsewhere", () => {
    const file = openPasswordFile(connection, "darwin");
    expect(statSync(file.path!).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file.path!)).mode & 0o777).toBe(0o700);
    file.close();
    expect(existsSync(dirname(file.path!))).toBe(false);
  });

  it("is none without a password", () => {
    const file = openPasswordFile(parseConnection("postgres://app@h/d", {}));
    expect([file.path, file.descriptor]).toEqual([undefined, undefined]);
    file.close();
  });
});
