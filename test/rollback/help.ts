import { spawn } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MigrationsDeclaration } from "seakeep";
import { type CommandResult, runCommand } from "../stack/commands.ts";
import { openScratch, startPostgres } from "../stack/index.ts";
import { type Place, runUntilKilled } from "./killed.ts";
import { COMMAND, load, makeTemplate, openWorld, query, type World, type WorldOptions } from "./world.ts";

const sessions: typeof import("../../packages/ops/src/postgres/session.ts") =
  await load("postgres/session.js");
const connections: typeof import("../../packages/ops/src/postgres/connection.ts") =
  await load("postgres/connection.js");

let records = 0;

/** Worlds on one Postgres, all of which end with `close`. */
export interface Worlds {
  open(options?: WorldOptions): Promise<World>;
  /** Runs a plan, kills it at each of the places in turn, and goes on. */
  runKilled(
    of: World,
    args: readonly string[],
    places: readonly Place[],
  ): Promise<CommandResult & { readonly killed: number }>;
  /** Runs a line as a shell does for whoever copies it; throws when it does not end with 0. */
  type(of: World, line: string): Promise<void>;
  /**
   * Makes a database with a record of migrations, and answers what it holds: of two, after the second was forgotten, and
   * after it was remembered.
   *
   * @param record makes its table
   */
  recorded(kind: MigrationsDeclaration, record: string): Promise<readonly (readonly string[] | undefined)[]>;
  /** Starts `seakeep` and leaves it running. */
  start(of: World, args: readonly string[]): { stop(): Promise<void> };
  close(): Promise<void>;
}

/** Starts a Postgres with the database that every world begins with. */
export async function openWorlds(): Promise<Worlds> {
  const scratch = await openScratch();
  const worlds: World[] = [];
  const postgres = await startPostgres(scratch);
  await makeTemplate(scratch, postgres);
  return {
    async open(options) {
      const opened = await openWorld(scratch, postgres, options);
      worlds.push(opened);
      return opened;
    },
    async runKilled(of, args, all) {
      let places = all;
      for (let killed = 0; ; killed++) {
        const result = await runUntilKilled(scratch, of, args, places);
        if (result.killed === undefined) return { ...result, killed };
        const { step, at } = result.killed;
        places = places.filter(
          (place) => place.step > step || (place.step === step && at === "within" && place.at === "after"),
        );
      }
    },
    async type(of, line) {
      const bin = join(of.folder, "bin");
      await mkdir(bin, { recursive: true });
      await writeFile(join(bin, "seakeep"), `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
      await chmod(join(bin, "seakeep"), 0o755);
      const env = { ...of.env, PATH: `${bin}:${process.env.PATH}` };
      const ran = await runCommand(scratch, { command: "/bin/sh", args: ["-c", line], env, cwd: of.folder });
      if (ran.code !== 0) throw new Error(`${line} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
    },
    async recorded(kind, record) {
      const url = await postgres.createDatabase(`record ${++records}`);
      const folder = join(scratch.folder, `record-${records}`);
      await mkdir(join(folder, "sql"), { recursive: true });
      for (const name of ["001_a", "002_b"])
        await writeFile(join(folder, "sql", `${name}.sql`), "-- Up Migration\nselect 1;");
      const history = kind.open(folder);
      const session = await sessions.openSession(connections.parseConnection(url, {}));
      try {
        await query(url, record);
        await history.remember!(session, "001_a");
        await history.remember!(session, "002_b");
        const both = await history.applied(session);
        await history.forget!(session, "002_b");
        const one = await history.applied(session);
        await history.remember!(session, "002_b");
        return [both, one, await history.applied(session)];
      } finally {
        await session.close();
      }
    },
    start({ folder, env }, args) {
      const child = spawn(process.execPath, [COMMAND, ...args], {
        ...{ cwd: folder, detached: true, stdio: "ignore" },
        env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
      });
      scratch.guard(child.pid!, "SIGKILL");
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      return {
        async stop() {
          child.kill("SIGTERM");
          await gone;
          scratch.release(child.pid!);
        },
      };
    },
    async close() {
      await Promise.all(worlds.map(({ platform }) => platform.close()));
      await scratch.close();
    },
  };
}

/** What `rollback advise --json` prints. */
export interface Advised {
  readonly decision: string;
  readonly rule: string;
  readonly fingerprint: string;
  readonly evidence: readonly { readonly question: string; readonly answer: string; readonly saw: string }[];
  readonly steps: readonly {
    readonly kind: string;
    readonly shown: string;
    readonly check: { readonly command: readonly string[] };
    readonly back: { readonly command?: readonly string[] };
  }[];
}

/** What `rollback advise --run --json` prints. */
export interface Ran {
  readonly outcome: string;
  readonly lost?: string;
  readonly record: { readonly name: string };
  readonly wayBack: readonly { readonly command?: readonly string[] }[];
}

/** What any verb prints under `--json` when it fails. */
export interface Failed {
  readonly error: { readonly code: string; readonly message: string; readonly fix: string };
}

export function parsed<T>({
  code,
  stdout,
  stderr,
}: CommandResult): T & { code: number | undefined; stderr: string } {
  try {
    return { ...(JSON.parse(stdout) as T), code, stderr };
  } catch {
    throw new Error(`no JSON (exit ${code}): ${stdout}${stderr}`);
  }
}

export async function advise(
  of: World,
  ...args: readonly string[]
): Promise<Advised & { code: number | undefined }> {
  return parsed<Advised>(await of.seakeep("rollback", "advise", "--json", ...args));
}

export async function run(
  of: World,
  ...args: readonly string[]
): Promise<Ran & { code: number | undefined; stderr: string }> {
  return parsed<Ran>(await of.seakeep("rollback", "advise", "--run", "--json", ...args));
}

/** Records that a version was let through, as `seakeep release check --record` does. */
export async function release(of: World, version: string): Promise<void> {
  const file = join(of.folder, `${version}.json`);
  const evidence = { kind: "release check", service: { name: "courses-api" }, version, verdict: "passed" };
  await writeFile(file, JSON.stringify(evidence));
  const { code, stderr } = await of.seakeep("release", "record", "--evidence", file);
  if (code !== 0) throw new Error(stderr);
}

/** Readers come, for so many seconds. */
export async function visited(of: World, seconds: number): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    await listing(of);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What a reader of the catalogue gets. */
export async function listing(of: World): Promise<number> {
  return (await fetch(`${of.platform.url}/api/v1/courses/`)).status;
}

/** Facts of migrations, as `seakeep migrations prove` would tell them. */
export const FITS = { losesData: "no", oldCodeRuns: "yes", downRestores: "yes" } as const;
export const REVERSIBLE = { losesData: "no", oldCodeRuns: "no", downRestores: "yes" } as const;
export const RENAME = `-- Up Migration
alter table courses rename column summary to abstract;
-- Down Migration
alter table courses rename column abstract to summary;
`;
export const RATINGS = `-- Up Migration
create table ratings (course_id uuid not null references courses (id), stars int not null);
-- Down Migration
drop table ratings;
`;
export const WRITE = `insert into courses (owner_id, title, level)
  select id, 'written since', 'beginner' from users order by email limit 1`;
export const RATE = "insert into ratings select id, 5 from courses order by id limit 3";
/** What the new version does wrong: titles are gone, and some courses with them. */
export const DAMAGE = `update courses set title = '?' where level = 'beginner';
  delete from courses where level = 'advanced' and id not in (select course_id from ratings)`;

/** Deploys v2 with its migrations; answers the words that tell the advice about it. */
export async function deployed(of: World): Promise<readonly string[]> {
  const [row] = await of.sql<{ now: Date }>("select clock_timestamp() as now");
  await of.migrate();
  await of.platform.deploy("v2");
  return ["--since", row!.now.toISOString(), "--from", "v2", "--to", "v1"];
}

/** A backup of the world as it is, restored once and so proven. */
export async function proven(of: World): Promise<void> {
  for (const args of [
    ["backup", "create"],
    ["restore", "latest", "--into", `${of.database}_proof`],
  ]) {
    const { code, stderr } = await of.seakeep(...args);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}\n${stderr}`);
  }
  await of.sql(`drop database ${of.database}_proof`, "postgres");
}

/** Writes as the application does: on a new connection that asks for nothing. */
export async function write(of: World): Promise<void> {
  await of.sql("update courses set updated_at = updated_at where false");
}

/** Rows of one database that the other does not have, equal ones counted one by one: by other means than the command's. */
export async function rowsOnlyIn(of: World, one: string, other: string): Promise<number> {
  const rows = async (database: string) => {
    const texts: string[] = [];
    for (const table of Object.keys(await of.contents(database))) {
      const found = await of.sql<object>(`select * from ${table}`, database);
      texts.push(...found.map((row) => JSON.stringify([table, row])));
    }
    return texts;
  };
  const there = new Map<string, number>();
  for (const text of await rows(other)) there.set(text, (there.get(text) ?? 0) + 1);
  return (await rows(one)).filter((text) => {
    const left = there.get(text) ?? 0;
    there.set(text, left - 1);
    return left <= 0;
  }).length;
}

export function quote(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

/** Within each step of a plan from `from` up to `to`, and with `after` right after each but the last, with which it ends. */
export function places(from: number, to: number, after = false): readonly Place[] {
  return Array.from({ length: to - from }, (_, index) => from + index).flatMap((step) => [
    { step, at: "within" } as const,
    ...(after && step < to - 1 ? [{ step, at: "after" } as const] : []),
  ]);
}
