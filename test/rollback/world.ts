import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { type CommandResult, mustRun, runCommand } from "../stack/commands.ts";
import type { Postgres } from "../stack/postgres.ts";
import type { Scratch } from "../stack/scratch.ts";
import { type Platform, type PlatformOptions, startPlatform } from "./platform.ts";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "../..");
const api = dirname(require.resolve("courses-api"));
const ops = dirname(require.resolve("seakeep"));
/** The command's file. */
export const COMMAND: string = join(ops, "../bin/seakeep.js");

/** The migration tool of the courses API. */
export const MIGRATE: string = join(
  dirname(createRequire(join(api, "index.js")).resolve("node-pg-migrate/package.json")),
  "bin/node-pg-migrate.js",
);

/** A module below the command, for what the command cannot be asked. */
export const load = <Module>(path: string): Promise<Module> =>
  import(pathToFileURL(join(ops, path)).href) as Promise<Module>;
type ProofModule = typeof import("../../packages/ops/src/migrations/proof.ts");
type HistoryModule = typeof import("../../packages/ops/src/migrations/histories/node-pg-migrate/index.ts");

/** A project around one database of the courses API: its configuration, migrations, store, platform. */
export interface World {
  readonly scratch: Scratch;
  readonly folder: string;
  readonly platform: Platform;
  readonly database: string;
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  /** Path of the file in which a run notes its steps. */
  readonly state: string;
  seakeep(...args: readonly string[]): Promise<CommandResult>;
  sql<Row extends object>(text: string, database?: string): Promise<Row[]>;
  /** Applies the migrations of the folder, as a deploy does. */
  migrate(): Promise<void>;
  /** Hash of each table's content, in whatever order its rows are. */
  contents(database?: string): Promise<Readonly<Record<string, string>>>;
}

export interface WorldOptions {
  /** Further migrations: name and text. */
  readonly migrations?: Readonly<Record<string, string>>;
  /** What is proven of them: their facts. */
  readonly proven?: Readonly<
    Record<string, { losesData: string; oldCodeRuns: string; downRestores: string }>
  >;
  readonly versions?: PlatformOptions["versions"];
  /** Further keys of the configuration. */
  readonly ops?: string;
  /** Further keys of the section `rollback`. */
  readonly rollback?: string;
}

let made = 0;

/** Makes the database that every world begins with: migrated and seeded, as the first version left it. */
export async function makeTemplate(scratch: Scratch, postgres: Postgres): Promise<void> {
  const env = { DATABASE_URL: await postgres.createDatabase("template_courses") };
  for (const step of ["migrate.js", "seed.js"]) {
    await mustRun(scratch, { command: process.execPath, args: [join(api, step)], env });
  }
}

/** Makes a project of its own, with version v1 running. */
export async function openWorld(
  scratch: Scratch,
  postgres: Postgres,
  options: WorldOptions = {},
): Promise<World> {
  const number = ++made;
  const folder = join(scratch.folder, `world-${number}`);
  const database = `courses_${number}`;
  const databaseUrl = new URL(`/${database}`, postgres.url).href;
  const metricsToken = randomBytes(18).toString("base64url");
  await query(postgres.url, `create database ${database} template template_courses`);
  await mkdir(folder);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await cp(join(root, "examples/courses-api/migrations"), join(folder, "migrations"), { recursive: true });
  for (const [name, text] of Object.entries(options.migrations ?? {})) {
    await writeFile(join(folder, "migrations", `${name}.sql`), text);
  }
  const versions = options.versions ?? { v1: "good", v2: "broken", v3: "good" };
  const platform = await startPlatform(scratch, { databaseUrl, metricsToken, versions });
  const env = {
    DATABASE_URL: databaseUrl,
    METRICS_TOKEN: metricsToken,
    SERVICE_URL: platform.url,
    CONTROL: platform.control,
    DEPLOY: join(import.meta.dirname, "deploy.mjs"),
    SIGNALS: join(folder, "signals.db"),
    STORE: join(scratch.folder, `store-${number}`),
    NODE: process.execPath,
    NO_COLOR: "1",
  };
  await writeFile(join(folder, "seakeep.config.ts"), config(options));
  await writeProof(folder, options.proven ?? {});
  await platform.deploy("v1");
  const urlOf = (name: string) => new URL(`/${encodeURIComponent(name)}`, postgres.url).href;
  return {
    ...{ scratch, folder, platform, database, databaseUrl, env },
    state: join(folder, ".seakeep/rollback.json"),
    seakeep: (...args) =>
      runCommand(scratch, { command: process.execPath, args: [COMMAND, ...args], env, cwd: folder }),
    sql: (text, name = database) => query(urlOf(name), text),
    async migrate() {
      const args = [MIGRATE, "up", "-m", join(folder, "migrations"), "--migrations-table", "pgmigrations"];
      await mustRun(scratch, { command: process.execPath, args, env, cwd: folder });
    },
    async contents(name = database) {
      const tables = await query<{ name: string }>(
        urlOf(name),
        "select quote_ident(relname) as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
      );
      const hashes: Record<string, string> = {};
      for (const table of tables) {
        const [row] = await query<{ hash: string }>(
          urlOf(name),
          `select count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) as hash from ${table.name} t`,
        );
        hashes[table.name] = row!.hash;
      }
      return hashes;
    },
  };
}

function config({ rollback = "", ops: more = "" }: WorldOptions): string {
  return `
import { defineService, errors, latency } from "@seakeep/contract";
import { defineOps, embedded, env, fs, health, http, nodePgMigrate, secret, sql } from "seakeep";
const read = (name) => process.env[name];
const deploy = (verb, version) => [read("NODE"), read("DEPLOY"), read("CONTROL"), verb, version];
export default defineOps({
  service: defineService({
    name: "courses-api", owner: "learning",
    slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "500ms" })],
    recovery: { rpo: "24h", rto: "1h" },
  }),
  url: env("SERVICE_URL"),
  database: secret("DATABASE_URL"),
  backup: { store: fs(env("STORE")) },
  drill: { expect: [
    sql("no course is without a title", "select count(*) = 0 from courses where title = '?'"),
    sql("somebody can log in", "select count(*) > 0 from users"),
  ] },
  checks: [health(), http({ path: "/api/v1/courses/?limit=1" })],
  migrations: nodePgMigrate("migrations"),
  metrics: { token: secret("METRICS_TOKEN") },
  ${more}
  rollback: {
    app: {
      command: deploy("deploy", "{previous}"),
      check: deploy("is", "{previous}"),
      available: deploy("has", "{previous}"),
    },
    ${rollback}
  },
});
void embedded;
`;
}

async function writeProof(folder: string, proven: NonNullable<WorldOptions["proven"]>): Promise<void> {
  const { fingerprint, classify, PROOF_FILE } = await load<ProofModule>("migrations/proof.js");
  const { nodePgMigrate } = await load<HistoryModule>("migrations/histories/node-pg-migrate/index.js");
  const history = await nodePgMigrate("migrations").open(folder).read();
  const migrations = history.flatMap((migration) => {
    const facts = proven[migration.name] as Parameters<typeof classify>[0] | undefined;
    if (facts === undefined) return [];
    const told = { server: 150000, data: "sample", evidence: ["written by the test"] };
    return [{ name: migration.name, sha256: fingerprint(migration), class: classify(facts), facts, ...told }];
  });
  await writeFile(join(folder, PROOF_FILE), JSON.stringify({ format: 1, migrations }));
}

/** The state of a run as it is on disk; `undefined` before there is one. */
export async function readRun(
  file: string,
): Promise<{ progress: { state: string; group?: number }[]; outcome?: string } | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

export async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = (await client.query(text)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
    return Array.isArray(result) ? [] : result.rows;
  } finally {
    await client.end();
  }
}
