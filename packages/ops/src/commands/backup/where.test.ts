import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { createIn } from "../../../test/backup/create.ts";
import { memoryStore } from "../../../test/backup/memory-store.ts";
import { createOutput } from "../../print.ts";
import type { Invocation } from "../../verb.ts";
import { chooseBackup, chooseConnection, chooseStore, readIdentities } from "./where.ts";

const URL_A = "postgres://app:hunter2@db.example.org/shop";
const { signal } = new AbortController();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "seakeep-where-"));
  writeFileSync(join(folder, "url"), `${URL_A}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function invocation(environment: Record<string, string> = {}): Invocation {
  const sink = { write: () => {} };
  const output = createOutput({ stdout: sink, stderr: sink, environment }, false);
  return { cwd: folder, environment, output, signal };
}

describe("chooseConnection", () => {
  test.each<[string, string | undefined, Record<string, string>]>([
    ["DATABASE_URL", undefined, { DATABASE_URL: URL_A }],
    ["the file that DATABASE_URL_FILE names", undefined, { DATABASE_URL_FILE: "URLFILE" }],
    ["another variable", "REPLICA_URL", { REPLICA_URL: URL_A, DATABASE_URL: "postgres://wrong/wrong" }],
    ["a file", "./url", {}],
    ["a URL without a password", "postgres://app@db.example.org/shop", { PGPASSWORD: "hunter2" }],
  ])("takes %s", async (_name, named, environment) => {
    const given = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, value.replace("URLFILE", join(folder, "url"))]),
    );
    const connection = await chooseConnection(named, undefined, invocation(given));
    expect(connection).toMatchObject({ host: "db.example.org", user: "app", database: "shop" });
    expect(connection.password()).toBe("hunter2");
  });

  test.each<[string, string | undefined, string]>([
    ["nothing at all", undefined, "SK-BACKUP-002"],
    ["a variable that is not set", "REPLICA_URL", "SK-BACKUP-002"],
    ["a file that is not there", "./nowhere", "SK-BACKUP-002"],
    ["a URL with a password", URL_A, "SK-BACKUP-003"],
    [
      "a URL with a password among its parameters",
      "postgres://db.example.org/shop?password=hunter2",
      "SK-BACKUP-003",
    ],
    ["a URL of something else", "mysql://app:hunter2@db/shop", "SK-POSTGRES-001"],
  ])("refuses %s, and shows no password", async (_name, named, code) => {
    const error: unknown = await chooseConnection(named, undefined, invocation()).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code });
    expect(String((error as Error).message)).not.toContain("hunter2");
  });
});

describe("chooseStore", () => {
  it("wants one named", async () => {
    await expect(chooseStore({ operands: [] }, undefined)).rejects.toMatchObject({ code: "SK-BACKUP-001" });
    await expect(chooseStore({ operands: [], store: "ftp://x" }, undefined)).rejects.toMatchObject({
      code: "SK-STORE-001",
    });
  });
});

describe("chooseBackup", () => {
  it("takes an id, a beginning that only one has, and latest", async () => {
    const store = memoryStore();
    const [first, second] = [await createIn(store), await createIn(store)];
    const choose = async (meant: string) => (await chooseBackup(store, "shop", meant, signal)).id;
    expect(await choose(first.id)).toBe(first.id);
    expect(await choose("b000002")).toBe(second.id);
    expect(await choose("latest")).toBe(second.id);
    await expect(choose("b0000")).rejects.toMatchObject({ code: "SK-BACKUP-007" });
    for (const none of ["b9", "", "../lock.json"])
      await expect(choose(none)).rejects.toMatchObject({ code: "SK-BACKUP-006" });
  });

  it("takes for the latest the newest that is sound", async () => {
    const store = memoryStore();
    const [first, second] = [await createIn(store), await createIn(store)];
    store.objects.delete(`shop/backups/${second.id}/globals.sql`);
    expect((await chooseBackup(store, "shop", "latest", signal)).id).toBe(first.id);
    store.objects.delete(`shop/backups/${first.id}/globals.sql`);
    await expect(chooseBackup(store, "shop", "latest", signal)).rejects.toMatchObject({
      code: "SK-BACKUP-006",
    });
  });

  it("does not guess between services", async () => {
    const store = memoryStore();
    for (const service of ["shop", "blog"]) await createIn(store, { service });
    await expect(chooseBackup(store, undefined, "latest", signal)).rejects.toMatchObject({
      code: "SK-BACKUP-007",
      what: "The store has backups of blog, shop.",
    });
    expect((await chooseBackup(store, "blog", "latest", signal)).folder).toBe("blog");
  });
});

describe("readIdentities", () => {
  const pem = generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

  it("reads the named file, else the variable or the file it names, else none", async () => {
    writeFileSync(join(folder, "identity.pem"), pem);
    expect(await readIdentities("identity.pem", invocation())).toHaveLength(1);
    expect(await readIdentities(undefined, invocation({ SEAKEEP_IDENTITY: pem }))).toHaveLength(1);
    const named = invocation({ SEAKEEP_IDENTITY_FILE: join(folder, "identity.pem") });
    expect(await readIdentities(undefined, named)).toHaveLength(1);
    expect(await readIdentities(undefined, invocation())).toEqual([]);
  });

  it("says which file is not there", async () => {
    await expect(readIdentities("nowhere.pem", invocation())).rejects.toMatchObject({
      code: "SK-BACKUP-013",
    });
  });
});
