import { contentOf } from "./content.ts";
import { filesBelow, filesWith } from "./files.ts";
import { drop } from "./oracle.ts";
import { processesOf } from "./processes.ts";
import { pause, type Trial } from "./trial.ts";
import type { World } from "./world.ts";

const USELESS_AFTER = 8_000;

/** Waits until no process of the trial is left, and no session of one on the server; what stays is a lie. */
export async function quiet(trial: Trial): Promise<void> {
  const deadline = Date.now() + USELESS_AFTER;
  for (;;) {
    const left = processesOf(trial.folder);
    const sessions = left.length === 0 ? await sessionsLeft(trial.world) : [];
    if (left.length + sessions.length === 0) return;
    if (Date.now() > deadline) {
      const names = [...left.map(({ name, pid }) => `${name} (${pid})`), ...sessions];
      trial.lies.push(`still running: ${names.join(", ")}`);
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      return;
    }
    await pause(20);
  }
}

/** A server notices only between two statements that a client was killed. */
async function sessionsLeft({ source }: World): Promise<string[]> {
  const { rows } = await source.query<{ what: string }>(
    `select 'session of ' || application_name as what from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> 'application'`,
  );
  return rows.map(({ what }) => what);
}

/** What held before a trial, to be held against what holds after it. */
export interface Before {
  readonly databases: string;
}

export async function look({ source }: World): Promise<Before> {
  const { rows } = await source.query<{ names: string }>(
    "select string_agg(datname, ', ' order by datname) as names from pg_database where datname <> 'large'",
  );
  return { databases: rows[0]!.names };
}

/** Drops what a trial left, so that the next one is not blamed for it. */
export async function tidy(world: World, before: Before): Promise<void> {
  const there = (await look(world)).databases.split(", ");
  for (const name of there) if (!before.databases.split(", ").includes(name)) await drop(world, name);
}

/** What must hold after every trial, whatever it was. */
export async function judgeSurroundings(trial: Trial, before: Before): Promise<void> {
  const { world, lies, outputs, folder, temporary } = trial;
  await quiet(trial);
  if ((await contentOf(world.source)) !== world.content) lies.push("the source database was changed");
  const { databases } = await look(world);
  if (databases !== before.databases) lies.push(`databases were ${before.databases}, and are ${databases}`);
  const { rows } = await world.source.query<{ what: string }>(
    `select 'advisory lock' as what from pg_locks where locktype = 'advisory'
     union all select 'session of ' || application_name from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  for (const { what } of rows) lies.push(`left on the server: ${what}`);
  for (const path of await filesBelow(temporary)) lies.push(`temporary file left: ${path}`);
  const store = [...world.s3.objects].map(([key, { body }]) => [`object ${key}`, body.toString("latin1")]);
  const texts = [["an output", outputs.join("\n")], ...store] as [string, string][];
  for (const [secret, what] of world.secrets) {
    for (const [where, text] of texts) if (text.includes(secret)) lies.push(`${what} in ${where}`);
    for (const path of await filesWith(folder, secret)) lies.push(`${what} in the file ${path}`);
  }
  lies.push(...world.exposed());
}
