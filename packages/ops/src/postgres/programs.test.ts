import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPrograms } from "./programs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "seakeep-programs-"));
});
afterEach(() => rm(folder, { recursive: true }));

const install = async (version: string) => {
  await writeFile(join(folder, "pg_dump"), `#!/bin/sh\necho "pg_dump (PostgreSQL) ${version}"\n`);
  await chmod(join(folder, "pg_dump"), 0o755);
};

describe("findPrograms", () => {
  it("takes those of the version asked for, or newer", async () => {
    await install("17.4 (Debian 17.4-1)");
    expect(await findPrograms(17, folder)).toMatchObject({ folder, major: 17 });
    const programs = await findPrograms(14, folder);
    expect(programs.path("pg_restore")).toBe(join(folder, "pg_restore"));
  });

  it("refuses older ones, naming the version needed", async () => {
    await install("17.4");
    await expect(findPrograms(18, folder)).rejects.toMatchObject({
      code: "SK-POSTGRES-004",
      what: `pg_dump and pg_restore of version 18 or newer are needed in ${folder}, and only version 17 is there.`,
      fix: expect.stringContaining("postgresql-client-18") as string,
    });
  });

  it("takes nothing for a program that does not tell its version", async () => {
    await install("unknown");
    await expect(findPrograms(14, folder)).rejects.toThrow("there is none");
    await rm(join(folder, "pg_dump"));
    await expect(findPrograms(14, folder)).rejects.toThrow("there is none");
  });
});
