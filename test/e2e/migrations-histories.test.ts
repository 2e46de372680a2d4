import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drizzle as connectDrizzle } from "drizzle-orm/node-postgres";
import { migrate as migrateDrizzle } from "drizzle-orm/node-postgres/migrator";
import connectKnex from "knex";
import { runner } from "node-pg-migrate";
import pg from "pg";
import {
  drizzle,
  knex,
  type Migration,
  type MigrationsDeclaration,
  nodePgMigrate,
  prisma,
  sqlFiles,
} from "seakeep";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { parseConnection } from "../../packages/ops/src/postgres/connection.ts";
import { openSession } from "../../packages/ops/src/postgres/session.ts";
import { openScratch, type Scratch, startPostgres } from "../stack/index.ts";
import type { Postgres } from "../stack/postgres.ts";

const FIXTURES = join(import.meta.dirname, "../migrations/histories");

let scratch: Scratch;
let postgres: Postgres;
beforeAll(async () => {
  scratch = await openScratch();
  postgres = await startPostgres(scratch);
});
afterAll(() => scratch?.close());

let made = 0;
const createDatabase = () => postgres.createDatabase(`histories_${++made}`);

async function sql<Row extends pg.QueryResultRow>(url: string, ...texts: string[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const text of texts) rows = (await client.query<Row>(text)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** What a schema is, but for names that tools give and the tables that they keep their record in. */
const schemaOf = (url: string) =>
  sql(
    url,
    `select c.relname, c.relkind, array(
        select format('%s %s %s', attname, format_type(atttypid, atttypmod), attnotnull) from pg_attribute
        where attrelid = c.oid and attnum > 0 order by attnum) as columns,
      array(select pg_get_constraintdef(k.oid) from pg_constraint k where k.conrelid = c.oid order by 1) as constraints
     from pg_class c where relnamespace = 'public'::regnamespace and relname !~ 'migrations|goose' and relkind in ('r', 'v')
     union all
     select relname, 'i', array[]::text[], array[]::text[] from pg_class where relname = 'books_author' order by 1`,
  );

/** Each kind, and its tool applying the fixtures. Where the tool is no npm package, its record is made by hand. */
const KINDS: Readonly<Record<string, readonly [MigrationsDeclaration, (url: string) => Promise<unknown>]>> = {
  "node-pg-migrate": [
    nodePgMigrate("node-pg-migrate"),
    (url) => {
      const dir = join(FIXTURES, "node-pg-migrate");
      return runner({
        databaseUrl: url,
        dir,
        migrationsTable: "pgmigrations",
        direction: "up",
        log: () => {},
      });
    },
  ],
  knex: [
    knex("knex"),
    async (url) => {
      const connected = connectKnex({ client: "pg", connection: url });
      try {
        await connected.migrate.latest({ directory: join(FIXTURES, "knex") });
      } finally {
        await connected.destroy();
      }
    },
  ],
  drizzle: [
    drizzle("drizzle"),
    async (url) => {
      const pool = new pg.Pool({ connectionString: url });
      try {
        await migrateDrizzle(connectDrizzle(pool), { migrationsFolder: join(FIXTURES, "drizzle") });
      } finally {
        await pool.end();
      }
    },
  ],
  prisma: [
    prisma("prisma"),
    async (url) => {
      const names = ["20260101000000_authors", "20260102000000_books", "20260103000000_index"];
      for (const name of names)
        await sql(url, await readFile(join(FIXTURES, "prisma", name, "migration.sql"), "utf8"));
      await sql(
        url,
        // As Prisma's schema engine makes it; the second row was marked as rolled back, and applied again.
        `create table _prisma_migrations (id varchar(36) primary key not null, checksum varchar(64) not null,
          finished_at timestamptz, migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
          started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`,
        `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, rolled_back_at) values
          ('3', 'c', '${names[2]}', '2026-01-05', '2026-01-05', null), ('1', 'a', '${names[0]}', '2026-01-01', '2026-01-01', null),
          ('2a', 'b', '${names[1]}', '2026-01-02', null, '2026-01-03'), ('2b', 'b', '${names[1]}', '2026-01-04', '2026-01-04', null)`,
      );
    },
  ],
  dbmate: [
    sqlFiles("dbmate"),
    (url) =>
      applyByHand(
        url,
        "dbmate",
        "create table schema_migrations (version varchar(128) primary key)",
        "insert into schema_migrations values ('20260103000000'), ('20260101000000'), ('20260102000000')",
      ),
  ],
  goose: [
    sqlFiles("goose"),
    (url) =>
      applyByHand(
        url,
        "goose",
        "create table goose_db_version (id serial primary key, version_id bigint not null, is_applied boolean not null, tstamp timestamp default now())",
        `insert into goose_db_version (version_id, is_applied)
         values (0, true), (1, true), (2, true), (2, false), (2, true), (10, true)`,
      ),
  ],
  "golang-migrate": [
    sqlFiles("golang-migrate"),
    (url) =>
      applyByHand(
        url,
        "golang-migrate",
        "create table schema_migrations (version bigint primary key, dirty boolean not null)",
        "insert into schema_migrations values (10, false)",
      ),
  ],
  "sql-files": [
    sqlFiles("sql-files", { record: { table: "own_migrations", column: "file" } }),
    (url) =>
      applyByHand(
        url,
        "sql-files",
        "create table own_migrations (file text)",
        "insert into own_migrations values ('001_authors.sql'), ('002_books.sql'), ('010_index.sql')",
      ),
  ],
};

async function applyByHand(url: string, kind: string, ...record: string[]): Promise<void> {
  await apply(url, KINDS[kind]![0], "up");
  await sql(url, ...record);
}

async function apply(
  url: string,
  declaration: MigrationsDeclaration,
  direction: "up" | "down",
): Promise<void> {
  const migrations = await read(declaration);
  for (const migration of direction === "up" ? migrations : migrations.toReversed()) {
    const text = migration[direction]?.text;
    if (text !== undefined) await sql(url, ...(migration.transaction ? ["begin", text, "commit"] : [text]));
  }
}

const done = new Map<MigrationsDeclaration, Promise<readonly Migration[]>>();
/** Once for each history: a program takes half a second. */
function read(declaration: MigrationsDeclaration): Promise<readonly Migration[]> {
  const reading = done.get(declaration) ?? declaration.open(FIXTURES).read();
  done.set(declaration, reading);
  return reading;
}

async function applied(url: string, declaration: MigrationsDeclaration) {
  const session = await openSession(parseConnection(url, {}));
  try {
    return await declaration.open(FIXTURES).applied(session);
  } finally {
    await session.close();
  }
}

describe.each(Object.entries(KINDS))("%s", (_kind, [declaration, applyWithTool]) => {
  it("does what was read, and records what was named", async () => {
    const [byTool, byHand] = [await createDatabase(), await createDatabase()];
    expect(await applied(byTool, declaration)).toBeUndefined();
    await applyWithTool(byTool);
    await apply(byHand, declaration, "up");
    const expected = await schemaOf(byTool);
    expect(expected).toHaveLength(4);
    expect(await schemaOf(byHand)).toEqual(expected);
    const names = (await read(declaration)).map(({ name }) => name);
    expect(names).toHaveLength(3);
    expect(await applied(byTool, declaration)).toEqual(names);
  });

  it("undoes what was read as the way back", async () => {
    const url = await createDatabase();
    await apply(url, declaration, "up");
    const before = (await schemaOf(url)).length;
    await apply(url, declaration, "down");
    const hasDown = (await read(declaration)).some(({ down }) => down !== undefined);
    expect([before, (await schemaOf(url)).length]).toEqual([4, hasDown ? 0 : 4]);
  });
});

describe("migrations that are programs", () => {
  const write = async (kind: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const folder = join(scratch.folder, `programs-${++made}`, kind);
    await mkdir(folder, { recursive: true });
    await symlink(join(import.meta.dirname, "../../node_modules"), join(folder, "../node_modules"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  };
  const readFiles = async (
    declare: (folder: string) => MigrationsDeclaration,
    files: Readonly<Record<string, string>>,
  ) => {
    const folder = await write("migrations", files);
    return await declare(folder).open("/").read();
  };

  it("may be TypeScript", async () => {
    const [pgm] = await readFiles(nodePgMigrate, {
      "1_a.ts": `import type { MigrationBuilder } from "node-pg-migrate";
        export const up = (pgm: MigrationBuilder): void => { pgm.sql("create table a ()"); };
        export const down = false;`,
    });
    expect(pgm).toMatchObject({ name: "1_a", up: { text: "create table a ();" }, transaction: true });
    expect(pgm?.down).toBeUndefined();
    const [made] = await readFiles(knex, {
      "1_a.ts": `import type { Knex } from "knex";
        export const up = (knex: Knex) => knex("a").insert({ name: "it's ?", at: new Date(0), on: true, n: null });`,
    });
    expect(made?.up.text).toMatch(
      /^insert into "a" \("at", "n", "name", "on"\) values \('1970-01-01.*', NULL, 'it''s \?', true\);$/,
    );
  });

  test.each<[string, typeof knex | typeof nodePgMigrate, string, RegExp]>([
    [
      "asks whether a table is there",
      knex,
      "export const up = async (k) => { await k.schema.hasTable('a'); }",
      /asks the database: select/,
    ],
    [
      "asks for rows",
      knex,
      "export const up = async (k) => { await k('a').where({ id: 1 }); }",
      /asks the database/,
    ],
    [
      "asks in words of its own",
      knex,
      "export const up = (k) => k.raw('select id from a')",
      /asks the database/,
    ],
    ["raises an error", knex, "export const up = () => { throw new Error('no'); }", /1_a\.js: no/],
    ["does nothing", knex, "export const down = () => {}", /exports no function up/],
    ["ends the process", knex, "process.exit(7)", /ended with 7/],
    ["asks for rows", nodePgMigrate, "export const up = (p) => p.db.select('select 1')", /asks the database/],
    ["cannot be loaded", nodePgMigrate, "export const up = (", /Error loading migration files/],
  ])("%s: is refused", async (_what, declare, text, says) => {
    await expect(readFiles(declare, { "1_a.js": text })).rejects.toMatchObject({
      code: "SK-MIGRATIONS-003",
      what: expect.stringMatching(says),
    });
  });

  it("see no secret of the command", async () => {
    process.env.SEAKEEP_TEST_SECRET = "hidden";
    try {
      const [seen] = await readFiles(knex, {
        "1_a.js":
          'export const up = (k) => k.raw("comment on table a is \'" + Object.keys(process.env) + "\'")',
      });
      expect(seen?.up.text).toContain("PATH");
      expect(seen?.up.text).not.toContain("SEAKEEP_TEST_SECRET");
    } finally {
      delete process.env.SEAKEEP_TEST_SECRET;
    }
  });

  it("need their tool in the project", async () => {
    const folder = join(scratch.folder, "bare");
    await mkdir(folder);
    await writeFile(join(folder, "1_a.js"), "");
    await expect(knex(folder).open("/").read()).rejects.toMatchObject({
      code: "SK-MIGRATIONS-003",
      fix: "Install it in the project: npm install knex.",
    });
    expect(await readdir(folder)).toEqual(["1_a.js"]);
  });
});

describe("a record", () => {
  it("of other columns is not relied on", async () => {
    const url = await createDatabase();
    await sql(url, "create table pgmigrations (what text)");
    await expect(applied(url, nodePgMigrate("node-pg-migrate"))).rejects.toMatchObject({
      code: "SK-MIGRATIONS-004",
      what: "The table public.pgmigrations lacks the columns id, name, run_on.",
    });
  });

  it("that says a migration failed halfway is not relied on", async () => {
    const url = await createDatabase();
    await sql(
      url,
      "create table schema_migrations (version bigint, dirty boolean)",
      "insert into schema_migrations values (2, true)",
    );
    await expect(applied(url, sqlFiles("golang-migrate"))).rejects.toMatchObject({
      code: "SK-MIGRATIONS-004",
      what: expect.stringContaining("migration 2 failed halfway"),
    });
  });

  it("keeps the names of what no file belongs to", async () => {
    const url = await createDatabase();
    await sql(
      url,
      "create table schema_migrations (version text)",
      "insert into schema_migrations values ('19990101')",
    );
    expect(await applied(url, sqlFiles("dbmate"))).toEqual(["19990101"]);
  });
});
