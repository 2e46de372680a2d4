import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { fillCommand, isMigrationName, isVersion, shown } from "./words.ts";

describe("a command", () => {
  it("is filled word by word", () => {
    const filled = fillCommand(["deploy", "--image=shop:{previous}", "{current}"], {
      previous: "1.2",
      current: "1.3",
    });
    expect(filled).toEqual(["deploy", "--image=shop:1.2", "1.3"]);
  });

  it("keeps braces that are none of ours", () => {
    const word = "--for=jsonpath={.spec.image}=shop:{previous}";
    expect(fillCommand([word], { previous: "1.2" })).toEqual(["--for=jsonpath={.spec.image}=shop:1.2"]);
  });

  it("is not run with a hole in it", () => {
    expect(() => fillCommand(["deploy", "{previous}"], { previous: undefined })).toThrow("SK-ROLLBACK-002");
  });

  it("is shown so that a shell reads back the very words", () => {
    const words = [
      "a b",
      "it's",
      "$(touch x)",
      "`x`",
      "",
      "*",
      "a\nb",
      '"',
      "\\",
      "-n",
      "plain",
      "#",
      "!",
      "ä;ö",
    ];
    const script = `printf '%s\\0' ${shown(words)}`;
    expect(execFileSync("/bin/sh", ["-c", script]).toString().split("\0").slice(0, -1)).toEqual(words);
  });
});

describe("what may be filled in", () => {
  it.each([
    "1.2.3",
    "v2026.11.23-rc.1+build",
    "sha256:0a1b",
    "registry.example.org:5000/shop@sha256:ff",
    "main",
  ])("takes the version %s", (version) => expect(isVersion(version)).toBe(true));
  it.each([
    "",
    "-rf",
    "--image=x",
    "../etc",
    "a/../../b",
    "1 2",
    "a;b",
    "$(x)",
    "`x`",
    "a\nb",
    "a'b",
    "ü",
    "x".repeat(201),
  ])("refuses the version %j", (version) => expect(isVersion(version)).toBe(false));
  it.each(["004_ratings", "20261123063000-add ratings", "1700000000000_änderung"])(
    "takes the migration %s",
    (name) => expect(isMigrationName(name)).toBe(true),
  );
  it.each(["", "-1", "../004", "a\nb", "a/b", "a;b", "'"])("refuses the migration %j", (name) =>
    expect(isMigrationName(name)).toBe(false),
  );
});
