import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { contentOf } from "./content.ts";
import { run, type Trial } from "./trial.ts";
import { SERVICE, SOURCE, type World } from "./world.ts";

/** A backup as the command lists it. */
export interface Listed {
  readonly id: string;
  readonly state: "complete" | "proven" | "damaged";
  readonly problems: readonly string[];
}

export async function list(trial: Trial): Promise<readonly Listed[]> {
  const { code, json, stderr } = await run(trial, "backup", "list");
  if (code !== 0 || !Array.isArray(json)) trial.lies.push(`list ended with ${code}: ${stderr}`);
  return Array.isArray(json) ? (json as Listed[]) : [];
}

/** What is expected of the store. */
export interface Expectation {
  /** Backups whose bytes were changed: each must be told as damaged, or not at all. */
  readonly damaged?: ReadonlySet<string>;
  /** Backups that may be gone. */
  readonly gone?: ReadonlySet<string>;
  /** Backups to restore; default: all that count. */
  readonly restore?: (id: string) => boolean;
}

/** Holds everything that the store says of its backups against what is known of them. */
export async function judge(
  trial: Trial,
  { damaged, gone, restore }: Expectation = {},
): Promise<readonly Listed[]> {
  const { known, lies } = trial;
  const listed = await list(trial);
  for (const id of known.keys()) {
    if (gone?.has(id) || damaged?.has(id) || listed.some((entry) => entry.id === id)) continue;
    lies.push(`${id} was good, and is no longer listed`);
  }
  for (const { id, state, problems } of listed) {
    const harmed = damaged?.has(id) === true;
    if (state === "damaged" && !harmed)
      lies.push(`${id} is sound and listed as damaged: ${problems.join(" ")}`);
    const verdict = await run(trial, "backup", "verify", id);
    const ok = verdict.code === 0 || verdict.json.ok === true;
    if (ok === harmed) {
      lies.push(
        harmed
          ? `verify calls damaged ${id} sound`
          : `verify calls sound ${id} damaged: ${verdict.stdout}${verdict.stderr}`,
      );
    }
    if (restore === undefined || restore(id)) await judgeRestore(trial, id, harmed);
  }
  return listed;
}

async function judgeRestore(trial: Trial, id: string, harmed: boolean): Promise<void> {
  const { known, lies, world } = trial;
  const into = `judged_${trial.seed}`;
  const { code, json, stdout, stderr } = await run(trial, "restore", id, "--into", into);
  const validated = code === 0 || json.validated === true;
  if (validated === harmed) {
    lies.push(
      harmed ? `restore calls damaged ${id} validated` : `${id} cannot be restored: ${stdout}${stderr}`,
    );
  }
  if (validated) await compare(trial, into, id);
  for (const name of [into, json.database])
    if (typeof name === "string" && name !== SOURCE) await drop(world, name);
  // Once in a while with nothing of ours: a backup must be worth something without us.
  if (!harmed && !trial.sealed && trial.url.startsWith("file:") && known.has(id) && trial.random.chance(0.2))
    await judgePlainly(trial, id);
}

/** Holds a restored database against what the backup must hold. */
export async function compare(trial: Trial, database: string, id: string): Promise<void> {
  const expected = trial.known.get(id);
  const content = await contentOfDatabase(trial.world, database).catch(
    (error: Error) => `nothing: ${error.message}`,
  );
  if (expected === undefined) trial.lies.push(`${id} is listed, and nobody knows of it`);
  else if (content !== expected)
    trial.lies.push(`${id} was restored to other content (${content}, not ${expected})`);
}

/** zstd, pg_restore and psql, as docs/reference/backup-format.md tells it. */
async function judgePlainly(trial: Trial, id: string): Promise<void> {
  const { world, lies, store, temporary } = trial;
  const work = mkdtempSync(join(temporary, "plain-"));
  const into = `plain_${trial.seed}`;
  const { hostname, port, username, password } = new URL(world.postgres.url);
  const env = {
    PATH: process.env.PATH,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
  };
  try {
    const folder = join(store, SERVICE, "backups", id);
    const rows = readdirSync(folder).filter((name) => name.startsWith("rows-"));
    const failures: string[] = [];
    for (const name of ["archive.dump", ...rows]) {
      const packed = readFileSync(join(folder, name));
      const unpacked = spawnSync("zstd", ["-d", "-q", "-c"], { input: packed, maxBuffer: 2 ** 30 });
      writeFileSync(join(work, name), unpacked.stdout);
      if (unpacked.status !== 0) failures.push(`zstd: ${unpacked.stderr}`);
    }
    await world.postgres.createDatabase(into);
    const run = (program: string, ...args: string[]) => {
      const { status, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
      if (status !== 0) failures.push(`${program}: ${stderr}`);
    };
    const restore = (...sections: string[]) =>
      run("pg_restore", "--no-password", `--dbname=${into}`, ...sections, join(work, "archive.dump"));
    if (rows.length === 0) restore();
    else {
      restore("--section=pre-data");
      for (const name of rows) run("psql", "-X", "-q", "-w", "-d", into, "-f", join(work, name));
      restore("--section=data", "--section=post-data");
    }
    if (failures.length > 0)
      lies.push(`${id} cannot be restored with zstd, pg_restore and psql: ${failures.join("; ")}`);
    else await compare(trial, into, id);
  } finally {
    rmSync(work, { recursive: true });
    await drop(world, into);
  }
}

export async function drop(world: World, database: string): Promise<void> {
  await world.source.query(`drop database if exists ${pg.escapeIdentifier(database)} with (force)`);
}

/** Content of a database of the server, by its name. */
export async function contentOfDatabase({ postgres }: World, database: string): Promise<string> {
  const client = new pg.Client({
    connectionString: new URL(`/${encodeURIComponent(database)}`, postgres.url).href,
  });
  await client.connect();
  try {
    return await contentOf(client);
  } finally {
    await client.end();
  }
}
