import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences } from "../../../packages/ops/src/backup/differences.ts";
import type { DumpFile, StoredDump } from "../../../packages/ops/src/backup/engines/engine.ts";
import { ArchiveReader } from "../../../packages/ops/src/backup/engines/pg-dump/archive/archive-reader.ts";
import { pgDump } from "../../../packages/ops/src/backup/engines/pg-dump/index.ts";
import type { Contents } from "../../../packages/ops/src/backup/manifest.ts";
import {
  type Connection,
  parseConnection,
  withDatabase,
} from "../../../packages/ops/src/postgres/connection.ts";
import { findPrograms } from "../../../packages/ops/src/postgres/programs.ts";
import { openScratch, type Scratch, startPostgres, until } from "../../stack/index.ts";
import type { Postgres } from "../../stack/postgres.ts";

const PATIENCE = { within: 20_000, every: 1 };
const READER = 'Bücher "r"';

let scratch: Scratch;
let postgres: Postgres;
let server: Connection;

beforeAll(async () => {
  scratch = await openScratch();
  postgres = await startPostgres(scratch);
  server = parseConnection(postgres.url, {});
  await run("postgres", `create role "Bücher ""r"""`);
});
afterAll(() => scratch.close());

async function connect(database: string): Promise<pg.Client> {
  const { host, port, user } = server;
  const client = new pg.Client({ host, port, user, database, password: server.password()! });
  await client.connect();
  return client;
}

/** Runs statements as the superuser, and answers the rows of the last. */
async function run<Row extends object>(database: string, sql: string, values?: unknown[]): Promise<Row[]> {
  const client = await connect(database);
  try {
    const result = await client.query<Row>(sql, values);
    return (Array.isArray(result) ? (result.at(-1) as pg.QueryResult<Row>) : result).rows;
  } finally {
    await client.end();
  }
}

async function makeDatabase(name: string, sql: string): Promise<Connection> {
  await postgres.createDatabase(name);
  await run(name, sql);
  return withDatabase(server, name);
}

interface Stored {
  readonly contents: Contents;
  readonly snapshotAt: Date;
  readonly files: StoredDump;
  readonly warnings: readonly string[];
}

/** Files of a dump, by their names in it. */
function filesIn(paths: Readonly<Record<string, string>>): StoredDump {
  return {
    names: Object.keys(paths),
    path: (name) => paths[name]!,
    read: (name, signal) => createReadStream(paths[name]!, { signal }),
  };
}

/** Dumps into the scratch folder. */
async function dumpToFiles(connection: Connection, largeTable?: number): Promise<Stored> {
  const warnings: string[] = [];
  const dump = await pgDump.dump({
    ...{ connection, onWarning: (text: string) => warnings.push(text) },
    ...(largeTable !== undefined && { largeTable }),
  });
  try {
    const folder = await mkdtemp(join(scratch.folder, "dump-"));
    const files: Record<string, string> = {};
    const store = async ({ name, body }: DumpFile) => {
      files[name] = join(folder, name);
      const file = await open(files[name], "w", 0o600);
      // Written before the next are asked for: the bytes are lent.
      for await (const bytes of body) await file.writeFile(bytes);
      await file.close();
    };
    await Promise.all(dump.files.map(store));
    return { contents: await dump.contents(), snapshotAt: dump.snapshotAt, files: filesIn(files), warnings };
  } finally {
    await dump.close();
  }
}

const databases = async (): Promise<string[]> =>
  (await run<{ datname: string }>("postgres", "select datname from pg_database order by 1")).map(
    ({ datname }) => datname,
  );

/** Processes of ours that run one of Postgres's programs. */
async function programs(): Promise<{ pid: number; args: string; environment: string }[]> {
  const found = await Promise.all(
    (await readdir("/proc"))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => {
        try {
          const read = (name: string) => readFile(join("/proc", pid, name), "utf8");
          const status = await read("status");
          if (!status.includes(`PPid:\t${process.pid}\n`) || !/^Name:\tpg_/.test(status)) return undefined;
          return { pid: Number(pid), args: await read("cmdline"), environment: await read("environ") };
        } catch {
          return undefined;
        }
      }),
  );
  return found.filter((program) => program !== undefined);
}

/**
 * Inspects until two sessions were seen that read tables at once, and something was done with the first of them: on a busy machine
 * the first may be done before the second begins. The server itself looks, for they are soon done.
 *
 * @returns what that inspecting failed with
 */
async function inspectUntilSeveralRead(
  connection: Connection,
  what: string,
  onSeen = () => {},
  signal?: AbortSignal,
): Promise<unknown> {
  const client = await connect("postgres");
  let seen = false;
  const watching = client
    .query(
      `do $$ declare reading int[]; begin
       for turn in 1..20000 loop
         perform pg_stat_clear_snapshot();
         reading := array(select pid from pg_stat_activity where state = 'active' and query like 'copy %');
         if cardinality(reading) > 1 then perform ${what}; return; end if;
         perform pg_sleep(0.001);
       end loop;
       raise 'never several at once';
     end $$`,
    )
    .then(() => {
      seen = true;
      onSeen();
    });
  try {
    let failure: unknown;
    while (!seen) {
      const inspecting = pgDump.inspect({ connection, jobs: 3, ...(signal && { signal }) });
      const ended = inspecting.catch((error: unknown) => {
        failure = error;
      });
      await ended;
      if (failure !== undefined) break;
    }
    await watching;
    // Seen too late: a signal ends also what is only begun.
    if (failure === undefined && signal !== undefined) {
      await pgDump.inspect({ connection, signal }).catch((error: unknown) => {
        failure = error;
      });
    }
    return failure;
  } finally {
    await client.end();
  }
}

/** Sessions that read or fill a table. */
const readers = (): Promise<{ pid: number }[]> =>
  run("postgres", "select pid from pg_stat_activity where state = 'active' and query like 'copy %'");

/** Holds all rows, read by COPY, against what pg_dump writes, and loads them again. */
async function sameAsPgDump(connection: Connection): Promise<void> {
  const { database } = connection;
  const { folder } = await findPrograms(14);
  const env = {
    PATH: process.env.PATH,
    PGHOST: server.host,
    PGPORT: `${server.port}`,
    PGUSER: server.user,
  };
  const { stdout, status } = spawnSync(
    join(folder, "pg_dump"),
    ["-Fc", "-Z0", "-d", `dbname='${database.replaceAll("'", "\\'")}'`],
    {
      env: { ...env, PGPASSWORD: server.password()!, PGTZ: "UTC", PGCLIENTENCODING: "UTF8" },
      maxBuffer: 2 ** 30,
    },
  );
  expect(status).toBe(0);
  const reader = new ArchiveReader();
  reader.push(stdout);
  const { contents, files, warnings } = await dumpToFiles(connection, 0);
  expect(contents.tables).toEqual(reader.finish().tables);
  expect(warnings).toEqual([]);
  const into = `${database.slice(0, 4)} by rows`;
  const { read } = await pgDump.restore({ connection: server, into, files, jobs: 2 });
  expect(read.length).toBeGreaterThan(8);
  const restored = await pgDump.inspect({ connection: withDatabase(server, into), read });
  expect(differences(contents, restored)).toEqual([]);
}

const rows = ({ tables }: Contents, name: string) => tables.find((table) => table.name === name)?.rows;

describe("a dump of awkward content", () => {
  let source: Connection;
  let stored: Stored;
  beforeAll(async () => {
    const sql = await readFile(new URL("awkward.sql", import.meta.url), "utf8");
    source = await makeDatabase('awk\'ward ="1"', sql);
    await run(source.database, `alter database "awk'ward =""1""" set work_mem to '9MB'`);
    await run(source.database, `alter database "awk'ward =""1""" set default_transaction_read_only to on`);
    await run("postgres", `revoke connect on database "awk'ward =""1""" from public`);
    stored = await dumpToFiles(source);
  });

  it("inventories what it holds", async () => {
    const { contents } = stored;
    const [{ now }] = (await run<{ now: Date }>("postgres", "select now()")) as [{ now: Date }];
    expect(now.getTime() - stored.snapshotAt.getTime()).toBeLessThan(60_000);
    expect(contents.tables.map(({ name, rows }) => `${name}: ${rows}`)).toEqual([
      ...["audited: 1", "bookings: 1", "chickens: 2", "eggs: 2", "empty_one: 0", "evolved: 101", "huge: 1"],
      ...["keyless: 2", "kids: 1", "measured_1_new: 462", "measured_1_old: 571", "measured_2: 967"],
      ...["measured_rest: 0", "no_columns: 2", "nodes: 3", "parents: 1", "pgmigrations: 2", "ruled: 1"],
      ...["secret_rows: 2", "settings_matter: 2", "unlogged_one: 1", "tä ble; --: 4"],
    ]);
    expect(contents.tables.find(({ name }) => name === "huge")?.bytes).toBe(102_400_003);
    expect(contents.sequences).toContainEqual({
      schema: "public",
      name: "far",
      value: "9223372036854775807",
      called: true,
    });
    expect(contents.sequences).toContainEqual({ schema: "public", name: "fresh", value: "7", called: false });
    expect(contents.largeObjects).toMatchObject({ count: 3, bytes: 150_005 });
    expect(contents.extensions.map(({ name }) => name)).toEqual(["hstore", "plpgsql"]);
    expect(contents.roles).toEqual([READER, "postgres"]);
    expect(contents.migration).toEqual({ tool: "node-pg-migrate", version: "2_second" });
    expect(contents.objects).toContainEqual({ kind: "TRIGGER", count: 2 });
    expect(await readFile(stored.files.path("globals.sql"), "utf8")).toContain('CREATE ROLE "Bücher ""r"""');
  });

  it("restores to equal content, owners, privileges and settings, and tells a changed row", async () => {
    const into = 'rest"ored';
    const report = await pgDump.restore({ connection: server, into, files: stored.files, jobs: 2 });
    expect(report).toEqual({ database: into, owners: true, missingRoles: [], read: [] });
    const restored = withDatabase(server, into);
    const statistics = () =>
      run(into, "select schemaname, tablename, attname, inherited from pg_stats order by 1, 2, 3, 4");
    const collected = await statistics();
    await run(into, "analyze");
    expect(collected).toEqual(await statistics());
    const contents = await pgDump.inspect({ connection: restored });
    expect(differences(stored.contents, contents)).toEqual([]);
    expect(contents).toEqual(stored.contents);
    const described = (name: string) =>
      run(
        name,
        `select pg_get_userbyid(d.datdba) as owner, (select array_agg(a::text order by a::text) from unnest(d.datacl) a) as privileges, s.setconfig, pg_get_userbyid(c.relowner) as table_owner
         from pg_database d left join pg_db_role_setting s on s.setdatabase = d.oid, pg_class c
         where d.datname = current_database() and c.relname = 'tä ble; --'`,
      );
    expect(await described(into)).toEqual(await described(source.database));

    // What is set for a database changes how values look, not what they are.
    for (const setting of [
      "timezone = 'Asia/Kathmandu'",
      "bytea_output = 'escape'",
      "datestyle = 'German'",
    ]) {
      await run("postgres", `alter database "rest""ored" set ${setting}`);
    }
    expect(await pgDump.inspect({ connection: restored })).toEqual(stored.contents);

    await run("postgres", 'alter database "rest""ored" reset all');
    await run(into, "alter table audited disable trigger all; update audited set note = 'louder'");
    expect(differences(stored.contents, await pgDump.inspect({ connection: restored }))).toEqual([
      'table "public"."audited" has other content than was dumped (1 rows each)',
    ]);
    await run("postgres", 'drop database "rest""ored" with (force)');
  });

  it("has rows as pg_dump itself writes them, also when they are beside the archive", () =>
    sameAsPgDump(source));

  it("is refused by a name that is taken", async () => {
    await expect(
      pgDump.restore({ connection: server, into: source.database, files: stored.files }),
    ).rejects.toMatchObject({ code: "SK-RESTORE-011" });
  });

  it("is refused where an extension is missing, by its name", async () => {
    const bytes = await readFile(stored.files.path("archive.dump"), "latin1");
    const path = join(scratch.folder, "extension.dump");
    await writeFile(path, bytes.replaceAll("hstore", "hstorf"), "latin1");
    await expect(
      pgDump.restore({ connection: server, into: "new", files: filesIn({ "archive.dump": path }) }),
    ).rejects.toMatchObject({ code: "SK-RESTORE-013", what: expect.stringContaining("hstorf") as string });
    expect(await databases()).not.toContain("new");
  });

  it("is refused where a policy's role is missing", async () => {
    const bytes = await readFile(stored.files.path("archive.dump"));
    const path = join(scratch.folder, "role.dump");
    const changed = bytes
      .toString("latin1")
      .replaceAll(
        Buffer.from('Bücher ""r').toString("latin1"),
        Buffer.from('Nieman ""rr').toString("latin1"),
      );
    await writeFile(path, changed, "latin1");
    await expect(
      pgDump.restore({ connection: server, into: "new", files: filesIn({ "archive.dump": path }) }),
    ).rejects.toMatchObject({ code: "SK-RESTORE-014" });
  });
});

describe("a dump", () => {
  let source: Connection;
  beforeAll(async () => {
    source = await makeDatabase(
      "busy",
      `create table a (id int primary key, pad text); create table b (id int primary key, pad text);
       insert into a select i, repeat('x', 500) from generate_series(1, 60000) i`,
    );
  });

  it("is of one moment, whatever is written meanwhile", async () => {
    const writer = await connect(source.database);
    let moved = 0;
    let writing = true;
    const writes = (async () => {
      while (writing) {
        await writer.query(
          "with gone as (delete from a where id = $1 returning *) insert into b select * from gone",
          [++moved],
        );
      }
    })();
    try {
      await until("rows move", async () => moved > 20, PATIENCE);
      const stored = await dumpToFiles(source);
      const before = moved;
      await until("more rows move", async () => moved > before + 20, PATIENCE);
      const [a, b] = [rows(stored.contents, "a")!, rows(stored.contents, "b")!];
      expect(a + b).toBe(60_000);
      expect(b).toBeGreaterThan(0);
      await pgDump.restore({ connection: server, into: "moment", files: stored.files });
      const restored = await pgDump.inspect({ connection: withDatabase(server, "moment") });
      expect(differences(stored.contents, restored)).toEqual([]);
    } finally {
      writing = false;
      await writes;
      await writer.end();
      await run("postgres", "drop database if exists moment with (force)");
    }
  });

  it("shows its password to nobody, and leaves no file or process", async () => {
    const before = await readdir(tmpdir());
    const dump = await pgDump.dump({ connection: source });
    const seen: Awaited<ReturnType<typeof programs>> = [];
    for (const { body } of dump.files) {
      let first = true;
      for await (const _ of body) {
        if (first) seen.push(...(await programs()));
        first = false;
      }
    }
    await dump.contents();
    await dump.close();
    expect(seen.length).toBeGreaterThan(0);
    for (const { args, environment } of seen) {
      expect(environment).toContain("PGPASSFILE=");
      expect(args + environment).not.toContain(source.password()!);
    }
    expect(await programs()).toEqual([]);
    expect(
      (await readdir(tmpdir())).filter((name) => name.startsWith("seakeep-") && !before.includes(name)),
    ).toEqual([]);
    const [sessions] = await run(
      "postgres",
      "select count(*)::int from pg_stat_activity where datname = 'busy'",
    );
    expect(sessions).toEqual({ count: 0 });
  });

  it("rejects, body and contents, when pg_dump is killed on the way", async () => {
    const dump = await pgDump.dump({ connection: source });
    const read = async () => {
      for await (const _ of dump.files[0]!.body)
        for (const { pid } of await programs()) process.kill(pid, "SIGKILL");
    };
    await expect(read()).rejects.toMatchObject({
      code: "SK-DUMP-001",
      what: "pg_dump was ended by SIGKILL.",
    });
    await expect(dump.contents()).rejects.toMatchObject({ code: "SK-DUMP-001" });
    await dump.close();
  });

  it("rejects when it is left or closed before its end", async () => {
    const left = await pgDump.dump({ connection: source });
    for await (const _ of left.files[0]!.body) break;
    await expect(left.contents()).rejects.toThrow("not read to its end");
    await left.close();

    const closed = await pgDump.dump({ connection: source });
    const body = closed.files[0]!.body[Symbol.asyncIterator]();
    await body.next();
    await closed.close();
    await expect(closed.contents()).rejects.toMatchObject({ code: "SK-DUMP-001" });
    expect(await programs()).toEqual([]);
  });

  it("ends with the reason of its signal", async () => {
    const controller = new AbortController();
    const dump = await pgDump.dump({ connection: source, signal: controller.signal });
    const read = async () => {
      for await (const _ of dump.files[0]!.body) controller.abort(new Error("enough"));
    };
    await expect(read()).rejects.toThrow("enough");
    await expect(dump.contents()).rejects.toThrow("enough");
    await dump.close();
    expect(await programs()).toEqual([]);
  });

  it("fails when a table stays locked", async () => {
    const holder = await connect(source.database);
    await holder.query("begin; lock table b in access exclusive mode");
    try {
      const locked = async () => {
        const dump = await pgDump.dump({ connection: source, lockTimeout: 200 });
        try {
          for await (const _ of dump.files[0]!.body);
        } finally {
          await dump.close();
        }
      };
      await expect(locked()).rejects.toMatchObject({ code: "SK-DUMP-003" });
    } finally {
      await holder.end();
    }
  });

  it("fails when somebody waits for what it has locked, instead of standing still", async () => {
    const dump = await pgDump.dump({ connection: source, largeTable: 0, lockTimeout: 300 });
    const waiting = await connect(source.database);
    try {
      const locked = waiting.query("lock table a in access exclusive mode; select 1").catch(() => {});
      const waits = "select from pg_locks where mode = 'AccessExclusiveLock' and not granted";
      await until("it waits", async () => (await run(source.database, waits)).length === 1, PATIENCE);
      for (const name of ["rows-01.sql", "archive.dump"]) {
        const read = async () => {
          for await (const _ of dump.files.find((file) => file.name === name)!.body);
        };
        await expect(read(), name).rejects.toMatchObject({ code: "SK-DUMP-003" });
      }
      await dump.close();
      await locked;
    } finally {
      await dump.close();
      await waiting.end();
    }
  });

  it("fails when row-level security hides rows from who dumps", async () => {
    await makeDatabase(
      "policies",
      `create table t (id int); insert into t values (1); alter table t enable row level security;
       create role reader login password 'read it'; grant pg_read_all_data to reader`,
    );
    const reader = { ...withDatabase(server, "policies"), user: "reader", password: () => "read it" };
    const dump = await pgDump.dump({ connection: reader });
    const read = async () => {
      for await (const _ of dump.files[0]!.body);
    };
    await expect(read()).rejects.toMatchObject({ code: "SK-DUMP-004" });
    await expect(dump.contents()).rejects.toMatchObject({ code: "SK-DUMP-004" });
    await dump.close();
  });

  it("refuses a wrong password and a silent server, without a secret", async () => {
    const wrong = { ...source, password: () => "not the password" };
    const refused = await pgDump.dump({ connection: wrong }).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: "SK-POSTGRES-003" });
    expect(String(refused)).not.toContain("not the password");
    await expect(pgDump.dump({ connection: { ...source, password: () => undefined } })).rejects.toMatchObject(
      {
        code: "SK-POSTGRES-003",
      },
    );
    await expect(pgDump.dump({ connection: { ...source, port: 1 } })).rejects.toMatchObject({
      code: "SK-POSTGRES-002",
    });
  });

  it("refuses programs older than the server, naming the version needed", async () => {
    const folder = join(scratch.folder, "old");
    await mkdir(folder);
    await writeFile(join(folder, "pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.9'\n");
    await chmod(join(folder, "pg_dump"), 0o755);
    await expect(pgDump.dump({ connection: source, programs: folder })).rejects.toMatchObject({
      code: "SK-POSTGRES-004",
      what: expect.stringMatching(/of version 1\d or newer are needed .* only version 13 is there/) as string,
    });
  });
});

describe("inspect", () => {
  let source: Connection;
  beforeAll(async () => {
    source = await makeDatabase(
      "large",
      `create schema "s.*"; create table "s.*"."odd $^(a|b)? ""name" (id serial primary key, pad text);
       create table "Plain" (id int, other int references "s.*"."odd $^(a|b)? ""name", pad text);
       insert into "s.*"."odd $^(a|b)? ""name" (pad) select repeat('x', 500) from generate_series(1, 70000);
       insert into "Plain" select i, i, repeat('y', 500) from generate_series(1, 70000) i`,
    );
  });

  it("finds the same with any number of readers", async () => {
    const alone = await pgDump.inspect({ connection: source, jobs: 1 });
    expect(alone.tables.map(({ name, rows }) => `${name}: ${rows}`)).toEqual([
      "Plain: 70000",
      'odd $^(a|b)? "name: 70000',
    ]);
    expect(await pgDump.inspect({ connection: source, jobs: 3 })).toEqual(alone);
  });

  it("ends all its readers with one of them, or with its signal", async () => {
    expect(await inspectUntilSeveralRead(source, "pg_terminate_backend(reading[1])")).toMatchObject({
      code: "SK-DUMP-001",
      what: expect.stringMatching(/^Reading (s\.\*\.odd|public\.Plain).*: terminating connection/) as string,
    });
    expect([await programs(), await readers()]).toEqual([[], []]);

    const controller = new AbortController();
    const enough = () => controller.abort(new Error("enough"));
    expect(await inspectUntilSeveralRead(source, "null", enough, controller.signal)).toEqual(
      new Error("enough"),
    );
    expect(await programs()).toEqual([]);
  });
});

describe("a dump with large tables", () => {
  const ODD = [
    ...["dots.*?|$1", "^(a|b)+\\d$[]{2}", 'say "hi"', "UPPER", "upper", "Größe 🐤", "same"],
    ...["--table=same it's", "n".repeat(63), "ä".repeat(31)],
  ];
  const at = (schema: string, name: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
  let source: Connection;
  let alone: Contents;
  beforeAll(async () => {
    const sql = await readFile(new URL("awkward.sql", import.meta.url), "utf8");
    source = await makeDatabase("jobs", sql);
    const client = await connect(source.database);
    try {
      for (const [index, name] of ODD.entries()) {
        const schema = index % 2 === 0 ? "same" : name.slice(0, 40);
        const table = at(schema, name);
        // Large on disk and nearly empty, so that reading it takes no time: one row a page, and one row left.
        await client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
        await client.query(`create table ${table} (id serial, pad text) with (autovacuum_enabled = off)`);
        await client.query(`alter table ${table} alter pad set storage plain`);
        await client.query(
          `insert into ${table} (pad) select repeat('x', 8000) from generate_series(1, 4200)`,
        );
        await client.query(`delete from ${table} where id < 4200 - $1`, [index]);
      }
      // A client's encoding is no business of a backup.
      await client.query("alter database jobs set client_encoding to 'LATIN1'");
    } finally {
      await client.end();
    }
    alone = await pgDump.inspect({ connection: source, jobs: 1 });
  });

  it("holds what it would without files of rows, whatever its tables are called, and restores to the same", async () => {
    const stored = await dumpToFiles(source);
    const files = Array.from({ length: 8 }, (_, index) => `rows-0${index + 1}.sql`);
    expect(stored.files.names).toEqual(["archive.dump", "globals.sql", ...files]);
    expect(stored.contents).toEqual(alone);
    for (const [index, name] of ODD.entries()) expect(rows(stored.contents, name), name).toBe(index + 1);
    expect(stored.warnings).toEqual([]);
    for (const jobs of [1, 4]) {
      const into = `jobs ${jobs}`;
      await pgDump.restore({ connection: server, into, files: stored.files, jobs });
      const restored = await pgDump.inspect({ connection: withDatabase(server, into) });
      expect(differences(stored.contents, restored)).toEqual([]);
    }
  });

  it("reads rows as pg_dump itself writes them", () => sameAsPgDump(source));

  it("keeps its tables from being emptied until it is read, and fails as a whole when one reader is killed", async () => {
    const dump = await pgDump.dump({ connection: source });
    const client = await connect(source.database);
    try {
      const [locked] = await run<{ name: string }>(
        source.database,
        `select relation::regclass::text as name from pg_locks join pg_class on relation = oid
         where relkind = 'r' and relation >= 16384 and mode = 'AccessShareLock' and granted limit 1`,
      );
      const emptied = client.query(`begin; truncate ${locked!.name}; rollback`);
      const waits = "select from pg_locks where mode = 'AccessExclusiveLock' and not granted";
      await until("it waits", async () => (await run(source.database, waits)).length === 1, PATIENCE);
      // Now whoever is to read that table waits as well.
      const reading = dump.files.map(async ({ body }) => {
        for await (const _ of body);
      });
      const ends = Promise.allSettled(reading);
      await until(
        "one of them is to read rows",
        async () => {
          const [blocked] = await run<{ pid: number }>(
            "postgres",
            "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like 'copy %'",
          );
          if (blocked !== undefined) await run("postgres", `select pg_terminate_backend(${blocked.pid})`);
          return blocked !== undefined;
        },
        PATIENCE,
      );
      await expect(Promise.all(reading)).rejects.toMatchObject({
        code: "SK-DUMP-001",
        what: expect.stringContaining("terminating connection") as string,
      });
      await dump.close();
      await ends;
      await expect(dump.contents()).rejects.toMatchObject({ code: "SK-DUMP-001" });
      expect(await programs()).toEqual([]);
      await emptied;
    } finally {
      await dump.close();
      await client.end();
    }
  });
});

describe("a restore", () => {
  let stored: Stored;
  let archive: string;
  beforeAll(async () => {
    const source = await makeDatabase(
      "plain",
      `create role owner_here; create table t (id int primary key, pad text);
       insert into t select i, repeat('x', 400) from generate_series(1, 50000) i; alter table t owner to owner_here`,
    );
    stored = await dumpToFiles(source, Number.MAX_SAFE_INTEGER);
    archive = stored.files.path("archive.dump");
    await run("plain", "alter table t owner to postgres; drop role owner_here");
  });

  const damagedCopy = async (name: string, damage: (bytes: Buffer) => void): Promise<StoredDump> => {
    const bytes = await readFile(archive);
    damage(bytes);
    const path = join(scratch.folder, name);
    await writeFile(path, bytes);
    return filesIn({ "archive.dump": path });
  };

  it("leaves owners and privileges when a role is missing, and says so", async () => {
    const warnings: string[] = [];
    const report = await pgDump.restore({
      ...{ connection: server, into: "ownerless", files: stored.files },
      onWarning: (text) => warnings.push(text),
    });
    expect(report).toEqual({ database: "ownerless", owners: false, missingRoles: ["owner_here"], read: [] });
    expect(warnings.join()).toContain("owner_here");
    const contents = await pgDump.inspect({ connection: withDatabase(server, "ownerless") });
    expect(differences(stored.contents, contents)).toEqual([]);
  });

  it("of a truncated archive fails, and leaves no database", async () => {
    const before = await databases();
    const { size } = await stat(archive);
    const files = await damagedCopy("short.dump", () => {});
    for (const length of [Math.floor(size / 2), 300]) {
      await truncate(files.path("archive.dump"), length);
      await expect(pgDump.restore({ connection: server, into: "short", files })).rejects.toMatchObject({
        code: length === 300 ? "SK-DUMP-002" : "SK-RESTORE-015",
      });
    }
    expect(await databases()).toEqual(before);
  });

  it("of an archive with a flipped bit succeeds, says pg_restore; what it restored is told apart", async () => {
    const files = await damagedCopy("flipped.dump", (bytes) => {
      bytes[bytes.lastIndexOf("xxxx")]! ^= 1;
    });
    await pgDump.restore({ connection: server, into: "flipped", files });
    const contents = await pgDump.inspect({ connection: withDatabase(server, "flipped") });
    expect(differences(stored.contents, contents)).toEqual([
      'table "public"."t" has other content than was dumped (50000 rows each)',
    ]);
  });

  it("takes no error of pg_restore for harmless but the one that newer versions cause on older servers", async () => {
    const real = (await findPrograms(14)).folder;
    const errors = {
      'unrecognized configuration parameter "transaction_timeout"': undefined,
      'unrecognized configuration parameter "other"': "SK-RESTORE-015",
      'relation "transaction_timeout" does not exist': "SK-RESTORE-015",
    };
    for (const [index, [said, code]] of Object.entries(errors).entries()) {
      const folder = join(scratch.folder, `newer-${index}`);
      await mkdir(folder);
      await symlink(join(real, "pg_dump"), join(folder, "pg_dump"));
      const lines = [
        '"$REAL" "$@"',
        `echo 'pg_restore: error: could not execute query: ERROR:  ${said}' >&2`,
      ];
      const end = "echo 'pg_restore: warning: errors ignored on restore: 1' >&2; exit 1";
      const script = ["#!/bin/sh", `REAL=${join(real, "pg_restore")}`, ...lines, end].join("\n");
      await writeFile(join(folder, "pg_restore"), script, { mode: 0o755 });
      const into = `newer_${index}`;
      const restoring = pgDump.restore({ connection: server, into, files: stored.files, programs: folder });
      if (code === undefined) await expect(restoring).resolves.toMatchObject({ database: into });
      else await expect(restoring).rejects.toMatchObject({ code });
    }
    expect((await databases()).filter((name) => name.startsWith("newer_"))).toEqual(["newer_0"]);
  });

  it("that is interrupted takes away only what it made", async () => {
    const before = await databases();
    const controller = new AbortController();
    const restoring = pgDump.restore({
      ...{ connection: server, into: "interrupted", files: stored.files, signal: controller.signal },
    });
    const outcome = expect(restoring).rejects.toThrow("enough");
    await until("pg_restore runs", async () => (await programs()).length > 0, PATIENCE);
    controller.abort(new Error("enough"));
    await outcome;
    expect(await programs()).toEqual([]);
    expect(await databases()).toEqual(before);
  });

  it("takes away what killed ones left behind, and nothing else", async () => {
    const [left, live, other] = [
      "seakeep_restore_0123456789ab",
      "seakeep_restore_ba9876543210",
      "seakeep_restore_mine",
    ];
    for (const name of [left, live, other]) await run("postgres", `create database ${name}`);
    const restoring = await connect("postgres");
    try {
      await restoring.query(`set application_name = '${live}'`);
      await pgDump.restore({ connection: server, into: "after", files: stored.files });
      const there = await databases();
      expect([left, live, other].map((name) => there.includes(name))).toEqual([false, true, true]);
    } finally {
      await restoring.end();
      for (const name of [live, other]) await run("postgres", `drop database ${name}`);
    }
  });

  it("of pg_restore killed on the way fails, and leaves no database", async () => {
    const before = await databases();
    const restoring = pgDump.restore({ connection: server, into: "killed", files: stored.files, jobs: 2 });
    const outcome = expect(restoring).rejects.toMatchObject({ code: "SK-RESTORE-018" });
    await until(
      "pg_restore runs",
      async () => {
        // Not one that only tells its version.
        const program = (await programs()).find(({ args }) => args.includes("--format=custom"));
        if (program !== undefined) process.kill(program.pid, "SIGKILL");
        return program !== undefined;
      },
      PATIENCE,
    );
    await outcome;
    expect(await databases()).toEqual(before);
  });
});
