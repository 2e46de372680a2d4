import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { drizzle, nodePgMigrate, prisma, sqlFiles } from "../../index.ts";
import type { MigrationsDeclaration } from "../declaration.ts";
import { compareFiles } from "./node-pg-migrate/order.ts";

const FIXTURES = join(import.meta.dirname, "../../../../../test/migrations/histories");
// The kinds whose histories are programs are tried with their tools: test/e2e/migrations-histories.test.ts.
const KINDS: Readonly<Record<string, [MigrationsDeclaration, string[]]>> = {
  "sql-files": [sqlFiles("sql-files"), ["001_authors", "002_books", "010_index"]],
  dbmate: [sqlFiles("dbmate"), ["20260101000000_authors", "20260102000000_books", "20260103000000_index"]],
  goose: [sqlFiles("goose"), ["00001_authors", "00002_books", "00010_index"]],
  "golang-migrate": [sqlFiles("golang-migrate"), ["1_authors", "2_books", "10_index"]],
  prisma: [prisma("prisma"), ["20260101000000_authors", "20260102000000_books", "20260103000000_index"]],
  drizzle: [drizzle("drizzle"), ["0000_authors", "0001_books", "0002_index"]],
};

describe.each(Object.entries(KINDS))("a history of %s", (kind, [declaration, names]) => {
  const history = declaration.open(FIXTURES);

  it("is read in the order of its tool, each text with its place", async () => {
    const migrations = await history.read();
    expect(migrations.map(({ name }) => name)).toEqual(names);
    for (const { up, down } of migrations) {
      for (const sql of [up, ...(down ? [down] : [])]) {
        expect(sql.file.startsWith(join(FIXTURES, kind))).toBe(true);
        expect(sql.text).toMatch(/create|drop/);
        expect(sql.offset).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it("has the ways back that its tool knows, apart from the ways up", async () => {
    const [authors] = await history.read();
    expect(authors?.up.text).not.toContain("drop table");
    const down = authors?.down?.text.replace(/^\s*--.*$/m, "").trim();
    expect(down).toBe(["prisma", "drizzle"].includes(kind) ? undefined : "drop table authors;");
  });

  it("says which migrations run in one transaction", async () => {
    const [, books, index] = await history.read();
    expect(books?.transaction).toBe(true);
    // Drizzle runs all that is pending in one.
    expect(index?.transaction).toBe(kind === "drizzle");
  });
});

describe("what a tool would stumble over", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "seakeep-histories-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  let made = 0;
  const read = async (
    kind: (folder: string) => MigrationsDeclaration,
    files: Record<string, string | Uint8Array>,
  ) => {
    const name = `history-${++made}`;
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, name, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return await kind(name).open(folder).read();
  };

  test.each<[string, (folder: string) => MigrationsDeclaration, Record<string, string | Uint8Array>, RegExp]>(
    [
      [
        "a way down alone",
        sqlFiles,
        { "1_a.sql": "select 1", "2_b.down.sql": "select 2" },
        /2_b\.down\.sql has no migration/,
      ],
      ["a name twice", sqlFiles, { "1_a.sql": "select 1", "1_a.up.sql": "select 2" }, /1_a is there twice/],
      ["bytes that are no text", sqlFiles, { "1_a.sql": Uint8Array.of(0x73, 0xff) }, /is not UTF-8/],
      [
        "a file of dbmate's without a way up",
        sqlFiles,
        { "1.sql": "-- migrate:up\n", "2.sql": "select 1" },
        /2\.sql has no way up/,
      ],
      ["no number", nodePgMigrate, { "a.sql": "select 1" }, /does not begin with a number/],
      ["neither SQL nor a program", nodePgMigrate, { "1_a.md": "#" }, /neither SQL nor/],
      ["another database", prisma, { "migration_lock.toml": 'provider = "mysql"' }, /"mysql"/],
      ["a journal that is none", drizzle, { "meta/_journal.json": "[]" }, /not a journal/],
      [
        "a journal of another database",
        drizzle,
        { "meta/_journal.json": '{"dialect":"sqlite","entries":[]}' },
        /"sqlite"/,
      ],
      [
        "a journal that leads out of its folder",
        drizzle,
        { "meta/_journal.json": '{"dialect":"postgresql","entries":[{"when":1,"tag":"../../secret"}]}' },
        /not a journal/,
      ],
    ],
  )("%s", async (_what, kind, files, says) => {
    await expect(read(kind, files)).rejects.toMatchObject({
      code: "SK-MIGRATIONS-002",
      what: expect.stringMatching(says),
    });
  });

  it("is a folder or a file that is not there", async () => {
    const gone = { code: "SK-MIGRATIONS-001", what: expect.stringContaining("it is not there") };
    await expect(sqlFiles("nowhere").open(folder).read()).rejects.toMatchObject(gone);
    await expect(read(prisma, { "1_a/readme.txt": "" })).rejects.toMatchObject(gone);
  });

  it("is not a file without a number, where the tool is unknown", async () => {
    const migrations = await read(sqlFiles, {
      "10.sql": "a",
      "9_b.sql": "b",
      "seed.sql": "c",
      "09_a.sql": "d",
    });
    expect(migrations.map(({ name }) => name)).toEqual(["09_a", "9_b", "10", "seed"]);
  });
});

test("node-pg-migrate's order: dates of 17 digits among milliseconds, then as people sort", () => {
  const files = [
    "20260101000000000_c.sql",
    "1767225599999_a.sql",
    "2_b.sql",
    "1767225600001_d.sql",
    "2_a10.sql",
    "2_a9.sql",
  ];
  expect(files.sort(compareFiles)).toEqual([
    "2_a9.sql",
    "2_a10.sql",
    "2_b.sql",
    "1767225599999_a.sql",
    "20260101000000000_c.sql",
    "1767225600001_d.sql",
  ]);
});
