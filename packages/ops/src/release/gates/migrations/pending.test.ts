import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ops } from "../../../config/ops.ts";
import type { MigrationHistory } from "../../../migrations/migration.ts";
import { readMigrations } from "./pending.ts";

const FILES = {
  "001_users.sql": "create table users (id int, mail text, name text);\n",
  "002_index.sql": "\ncreate index users_mail on users (mail);\n",
  "003_allowed.sql":
    "-- seakeep: allow create-index because the table is empty\ncreate index users_name on users (name);\n",
  "004_broken.sql": "create tabel t;\n",
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "seakeep-pending-"));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
});
afterEach(() => rm(folder, { recursive: true }));

function opsWith(applied: readonly string[]): Ops {
  const history: MigrationHistory = {
    kind: "sql-files",
    folder,
    read: async () =>
      Object.entries(FILES).map(([name, text]) => ({
        name,
        up: { file: join(folder, name), text, offset: 0 },
        transaction: true,
      })),
    applied: async () => applied,
  };
  return { migrations: { open: () => history } } as unknown as Ops;
}

const read = async (...applied: readonly string[]) =>
  await readMigrations({ ops: opsWith(applied), folder }, async (ask) => await ask(undefined as never));

test("tells what is unsafe in what is pending, knowing the tables that are there already", async () => {
  const { pending } = (await read("001_users.sql"))!;
  expect(
    pending!.map(({ name, unsafe, allowed, unparsed }) => ({
      name,
      unsafe: unsafe.map(({ file, line, rule }) => ({ file, line, rule })),
      allowed: allowed.map(({ rule, reason }) => ({ rule, reason })),
      unparsed,
    })),
  ).toEqual([
    {
      name: "002_index.sql",
      unsafe: [{ file: "002_index.sql", line: 2, rule: "create-index" }],
      allowed: [],
      unparsed: undefined,
    },
    {
      name: "003_allowed.sql",
      unsafe: [],
      allowed: [{ rule: "create-index", reason: "the table is empty" }],
      unparsed: undefined,
    },
    {
      name: "004_broken.sql",
      unsafe: [],
      allowed: [],
      unparsed: expect.stringMatching(/^004_broken\.sql:1: /),
    },
  ]);
});

test("says nothing of what is applied, and nothing of indexes on tables that come with them", async () => {
  const later = (await read("001_users.sql", "002_index.sql", "004_broken.sql"))!;
  expect(later.pending!.map(({ name }) => name)).toEqual(["003_allowed.sql"]);
  expect((await read(...Object.keys(FILES)))!.pending).toEqual([]);
  expect((await read(...Object.keys(FILES), "005_gone.sql"))!.foreign).toEqual(["005_gone.sql"]);
});
