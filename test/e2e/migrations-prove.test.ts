import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Migration } from "../../packages/ops/src/migrations/migration.ts";
import { type Bench, type OldCode, WORK } from "../../packages/ops/src/migrations/prove/bench.ts";
import { buildSchema } from "../../packages/ops/src/migrations/prove/build.ts";
import { databasesOf, withSession } from "../../packages/ops/src/migrations/prove/databases.ts";
import { proveAll } from "../../packages/ops/src/migrations/prove/run.ts";
import { fillSample } from "../../packages/ops/src/migrations/prove/sample/fill.ts";
import { openTracer } from "../../packages/ops/src/migrations/prove/trace.ts";
import { type Connection, parseConnection } from "../../packages/ops/src/postgres/connection.ts";
import { findPrograms } from "../../packages/ops/src/postgres/programs.ts";
import { openScratch, type Scratch, startPostgres } from "../stack/index.ts";
import type { Postgres } from "../stack/postgres.ts";
import { seakeep } from "./backup/command.ts";

let scratch: Scratch;
let postgres: Postgres;
let connection: Connection;
beforeAll(async () => {
  scratch = await openScratch();
  postgres = await startPostgres(scratch);
  connection = parseConnection(postgres.url, {});
  const databases = databasesOf(connection);
  const base: Migration = { ...migration(BASE), name: "001" };
  await buildSchema(databases, [base], [], NO_SIGNAL);
  const unfilled = await withSession(databases.connection(WORK), (session) => fillSample(session, 200));
  expect(unfilled).toEqual([]);
  await databases.copy(WORK, TEMPLATE);
});
afterAll(() => scratch?.close());

/** The base schema, with made-up rows. */
const TEMPLATE = "prove_base";
const NO_SIGNAL = new AbortController().signal;
const BASE = `create table users (id int primary key, email text not null, name text);
  create table courses (id int primary key, owner int not null references users, level text check (level in ('a', 'b')),
    amount int not null, note text);`;

const migration = (up: string, down?: string, transaction = true): Migration => ({
  ...{ name: "002", up: { file: "002.sql", text: up, offset: 0 }, transaction },
  ...(down !== undefined && { down: { file: "002.down.sql", text: down, offset: 0 } }),
});

/** Proves one migration on the base schema. */
async function proveOne(one: Migration, more: Partial<Bench> = {}) {
  const databases = databasesOf(connection);
  await databases.copy(TEMPLATE, WORK);
  const bench: Bench = {
    ...{ databases, programs: await findPrograms(15), server: 150_000, data: "sample", signal: NO_SIGNAL },
    ...{ oldCode: { statements: [] }, statementTimeout: 10_000, ...more },
  };
  const { migrations } = await proveAll(bench, [one], {});
  const [report] = migrations;
  const { verdict, problems, proof } = report!;
  return { verdict, problems: problems.join("\n"), ...proof, told: proof?.evidence.join("\n") ?? "" };
}

describe("the class of a migration", () => {
  it.each([
    ["forward-compatible", "alter table courses add stars int; create index on courses (stars)", undefined],
    [
      "forward-compatible",
      "create index concurrently by_note on courses (note)",
      undefined,
      false as boolean,
    ],
    ["reversible", "alter table courses rename note to remark", "alter table courses rename remark to note"],
    [
      "forward-only",
      "update users set name = 'x' where name is null; alter table users alter name set not null",
      undefined,
    ],
    ["forward-only", "alter table courses alter amount type bigint", undefined],
    ["data-losing", "alter table courses drop note", "alter table courses add note text"],
    ["data-losing", "alter table courses alter amount type smallint using amount % 7", undefined],
    ["data-losing", "truncate courses", undefined],
    ["data-losing", "drop table courses", undefined],
    ["data-losing", "update courses set note = upper(note)", undefined],
    ["data-losing", "do $$ begin execute 'alter table courses drop note'; end $$", undefined],
    ["data-losing", "delete from courses where id = (select min(id) from courses)", undefined],
    ["data-losing", "delete from courses where note = 'no such note'", undefined],
  ] as const)("is %s for: %s", async (wanted, up, down, transaction = true) => {
    expect(await proveOne(migration(up, down, transaction))).toMatchObject({
      class: wanted,
      verdict: "proven",
    });
  });

  it("names what is lost, to the row", async () => {
    const { told } = await proveOne(
      migration("delete from courses where id = (select min(id) from courses)"),
    );
    expect(told).toMatch(/Loses data: 1 of \d+ rows of courses are gone\./);
  });
});

describe("a way down that does not lead back", () => {
  it.each([
    [
      "loses the data, and restores the schema",
      "alter table courses rename note to remark",
      "alter table courses drop remark; alter table courses add note text",
      /courses\.note has other values than before/,
    ],
    [
      "leaves a type changed",
      "alter table courses alter amount type bigint",
      "select 1",
      /- amount integer NOT NULL,; \+ amount bigint NOT NULL/,
    ],
    [
      "leaves what up put in",
      "insert into users values (5000000, 'x', 'y')",
      "select 1",
      /users has \d+ rows, and had \d+/,
    ],
    [
      "fails",
      "alter table courses add x int",
      "drop table nothing",
      /fails at `drop table nothing`: table "nothing" does not/,
    ],
    [
      "is good for one time only",
      "create role seakeep_prove_twice; alter table courses add x int",
      "alter table courses drop x",
      /cannot be applied again: .* fails: role "seakeep_prove_twice" already exists/,
    ],
  ])("is a fault when it %s", async (_, up, down, problem) => {
    const { verdict, facts, problems } = await proveOne(migration(up, down));
    expect({ verdict, restores: facts?.downRestores }).toEqual({ verdict: "failed", restores: "no" });
    expect(problems).toMatch(problem);
  });
});

describe("a migration that cannot be applied", () => {
  const UNIQUE = "create unique index concurrently by_level on courses (level)";

  it("is at fault on real data, and says what it leaves behind", async () => {
    const { verdict, problems, name } = await proveOne(migration(UNIQUE, undefined, false), {
      data: "b000001",
    });
    expect({ verdict, name }).toEqual({ verdict: "failed", name: undefined });
    expect(problems).toMatch(/could not create unique index/);
    expect(problems).toMatch(/leaves the index public\.by_level invalid/);
  });

  it("may be without fault where the rows are made up, or the time ran out", async () => {
    expect((await proveOne(migration(UNIQUE, undefined, false))).verdict).toBe("unknown");
    const slow = await proveOne(migration("select pg_sleep(60)"), { statementTimeout: 200 });
    expect(slow).toMatchObject({ verdict: "unknown", problems: expect.stringMatching(/statement timeout/) });
  });
});

describe("the previous release", () => {
  const statements = (...list: string[]): OldCode => ({
    statements: [{ file: "old.sql", statements: list }],
  });
  const REQUIRED =
    "alter table users add age int; update users set age = 1; alter table users alter age set not null";

  it("runs on what it cannot tell from before, and not on what it cannot write", async () => {
    const oldCode = statements(
      "select email from users where id = $1",
      "insert into users (id, email) values (-1, $1)",
    );
    const drop = "alter table users drop name";
    expect((await proveOne(migration(drop), { oldCode })).facts?.oldCodeRuns).toBe("yes");
    const { verdict, facts, problems } = await proveOne(migration(REQUIRED), { oldCode });
    expect({ verdict, runs: facts?.oldCodeRuns }).toEqual({ verdict: "failed", runs: "no" });
    expect(problems).toMatch(/`insert into users .*` no longer works: null value in column "age"/);
  });

  it("is proven by nothing that did not work before", async () => {
    const { facts, told } = await proveOne(migration(REQUIRED), {
      oldCode: statements("select nothing from users"),
    });
    expect(facts?.oldCodeRuns).toBe("unknown");
    expect(told).toMatch(/did not work before either: column "nothing" does not exist/);
  });

  it("may be a program, which has each database to itself", async () => {
    const script = `const { Client } = require("pg"); const c = new Client(process.env.DATABASE_URL);
      c.connect().then(() => c.query("delete from courses; insert into users (id, email) values (-1, 'x')"))
        .then(() => c.end(), (e) => { console.error(e.message); process.exit(1); });`;
    const command = {
      ...{ words: [process.execPath, "-e", script], cwd: import.meta.dirname, timeout: 10_000 },
      ...{ environment: { PATH: process.env.PATH, PGDATABASE: "another" }, variables: ["DATABASE_URL"] },
    };
    const oldCode: OldCode = { statements: [], command };
    const good = await proveOne(migration("alter table courses drop level", "select 1"), { oldCode });
    expect(good.facts).toEqual({ losesData: "yes", oldCodeRuns: "yes", downRestores: "no" });
    expect((await proveOne(migration(REQUIRED), { oldCode })).problems).toMatch(
      /no longer works: it ended with 1: null/,
    );
  });
});

describe("the tracer", () => {
  it("sees the locks of statements that let go of them", async () => {
    const database = await postgres.createDatabase("traced");
    const tracer = await openTracer(parseConnection(database, {}), { statementTimeout: 10_000 });
    await tracer.session.query(
      "create table t (i int primary key); insert into t select generate_series(1, 5000); create index on t (i)",
    );
    const locks = async (statement: string) => {
      const { locks, transactional, waits } = await tracer.trace(statement);
      const table = locks.find(({ relation }) => relation.name === "t");
      return [table?.mode, transactional, waits];
    };
    expect(await locks("create index concurrently c on t (i)")).toEqual([
      "SHARE UPDATE EXCLUSIVE",
      false,
      true,
    ]);
    expect(await locks("drop index concurrently c")).toEqual(["SHARE UPDATE EXCLUSIVE", false, true]);
    expect(await locks("reindex table concurrently t")).toEqual(["SHARE UPDATE EXCLUSIVE", false, true]);
    expect(await locks("vacuum full t")).toEqual(["ACCESS EXCLUSIVE", false, false]);
    expect(await locks("alter table t add c int")).toEqual(["ACCESS EXCLUSIVE", true, false]);
    await tracer.close();
  });
});

describe("seakeep migrations prove", () => {
  it("proves on the newest backup what its record lacks, writes the file, and leaves production alone", async () => {
    const folder = scratch.folder;
    await symlink(join(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
    for (const name of ["migrations", "work"]) await mkdir(join(folder, name));
    await writeFile(join(folder, "migrations/001_base.sql"), BASE);
    await writeFile(join(folder, "migrations/002_stars.sql"), "alter table courses add stars int;");
    const config = join(folder, "seakeep.config.ts");
    await writeFile(
      config,
      `import { defineService, errors } from "@seakeep/contract";
import { defineOps, fs, secret, sqlFiles } from "seakeep";
const service = defineService({ name: "courses", owner: "learning", slos: [errors({ objective: 99 })] });
export default defineOps({
  service, url: "http://127.0.0.1:3000", database: secret("DATABASE_URL"), backup: { store: fs(${JSON.stringify(join(folder, "store"))}) },
  migrations: sqlFiles("migrations", { record: { table: "applied", column: "name" } }),
});
`,
    );
    const url = await postgres.createDatabase("production");
    const production = parseConnection(url, {});
    const dump = () =>
      withSession(production, (session) =>
        session.query("select * from public.users, public.applied order by 1"),
      );
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`${BASE} create table applied (name text); insert into applied values ('001_base');
      insert into users select i, 'u' || i from generate_series(1, 30) i; insert into courses select i, i, 'a', i from generate_series(1, 30) i`);
    await client.end();
    const run = async (...args: string[]) => {
      const result = await seakeep(scratch, [...args, "--config", config, "--json"], { DATABASE_URL: url });
      return { ...result, document: result.stdout === "" ? undefined : JSON.parse(result.stdout) };
    };
    const id = (await run("backup", "create")).document.id;
    const before = await dump();
    const proven = await run("migrations", "prove", "--work-dir", join(folder, "work"));
    expect({ code: proven.code, document: proven.document }, proven.stderr).toMatchObject({
      code: 0,
      document: { ok: true, data: id, migrations: [{ name: "002_stars", class: "forward-compatible" }] },
    });
    expect(await dump()).toEqual(before);
    expect(await readdir(join(folder, "work"))).toEqual([]);
    const file = JSON.parse(await readFile(join(folder, "seakeep.migrations.json"), "utf8"));
    expect(file.migrations).toMatchObject([{ name: "002_stars", data: id, class: "forward-compatible" }]);
    expect((await run("migrations", "prove", "--check")).code).toBe(0);
    await writeFile(join(folder, "migrations/002_stars.sql"), "alter table courses add stars bigint;");
    const stale = await run("migrations", "prove", "--check");
    expect({ code: stale.code, ...stale.document }).toEqual({
      ...{ code: 1, ok: false, stale: ["002_stars was changed since it was proven."] },
    });
  });
});
