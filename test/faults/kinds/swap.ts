import pg from "pg";
import { compare, contentOfDatabase, drop } from "../oracle.ts";
import { look, quiet } from "../surroundings.ts";
import { pause, type Running, run, start, type Trial } from "../trial.ts";
import { strike } from "./crash.ts";

/** A database that applications use, unlike any backup, and the names of its exchange for one. */
interface Live {
  readonly name: string;
  /** Under which a swap keeps it. */
  readonly kept: string;
  /** Under which an undo keeps what had been swapped in. */
  readonly undone: string;
  /** The backup that takes its place. */
  readonly id: string;
  readonly content: string;
  /** What belongs to its name, whichever database has that. */
  readonly settings: string;
  /** The arguments of the swap. */
  readonly swap: readonly string[];
  readonly undo: readonly string[];
}

/** A swap that is hit leaves the old or the new database under the name, whole, and the next one brings it to its end. */
export async function crashSwap(trial: Trial): Promise<void> {
  await withLive(trial, async (live) => {
    if (trial.random.chance(0.5)) await expectEnd(trial, 0, "restore", live.id, "--into", intoOf(live));
    await hit(trial, start(trial, ...live.swap));
    if (await judgeNames(trial, live)) await expectRefusal(trial, live.swap, "SK-RESTORE-004");
    else {
      await expectEnd(trial, 0, ...live.swap);
      if (!(await judgeNames(trial, live))) trial.lies.push("the next swap changed nothing");
    }
    await judgeDatabases(trial, [live.name, live.kept]);
  });
}

/** The same of the way back. */
export async function crashUndo(trial: Trial): Promise<void> {
  await withLive(trial, async (live) => {
    await expectEnd(trial, 0, ...live.swap);
    await hit(trial, start(trial, ...live.undo));
    if (await judgeNames(trial, live)) {
      await expectEnd(trial, 0, ...live.undo);
      if (await judgeNames(trial, live)) trial.lies.push("the next undo changed nothing");
    } else await expectRefusal(trial, live.undo, "SK-RESTORE-002");
    await judgeDatabases(trial, [live.name, live.undone]);
    await compare(trial, live.undone, live.id);
  });
}

const intoOf = ({ name }: Pick<Live, "name">) => `${name} new`;

/** Half of the time at any moment, else within the transaction that renames. */
async function hit(trial: Trial, running: Running): Promise<void> {
  const { random, world, notes } = trial;
  const signal = random.pick<NodeJS.Signals>(["SIGKILL", "SIGKILL", "SIGINT"]);
  if (random.chance(0.5)) {
    await strike(trial, running, random.pick(["seakeep", "seakeep", "session"]), signal);
  } else {
    const begun = `select from pg_stat_activity where datname in ('postgres', 'template1') and query ~* $1`;
    const within = async () =>
      (await world.source.query(begun, ["^(begin|alter database .* rename)"])).rows.length;
    while (!running.isOver() && (await within()) === 0) await pause(1);
    const after = Math.round(random.next() ** 2 * 60);
    await pause(after);
    notes.push(
      `${signal} to seakeep ${after} ms into its transaction${running.isOver() ? ", when it was over" : ""}`,
    );
    running.kill(signal);
  }
  const { code, stderr } = await running.ended;
  notes.push(`it ended with ${code}${code === 0 || code === null ? "" : `: ${stderr}`}`);
  await quiet(trial);
}

/** Holds whatever has the names against what must have them. */
async function judgeNames(trial: Trial, live: Live): Promise<boolean> {
  const { world, lies } = trial;
  const { databases } = await look(world);
  const swapped = databases.split(", ").includes(live.kept);
  const old = swapped ? live.kept : live.name;
  const content = await contentOfDatabase(world, old).catch((error: Error) => error.message);
  if (content !== live.content) lies.push(`the old database, now "${old}", has other content (${content})`);
  if (swapped) await compare(trial, live.name, live.id);
  const settings = await settingsOf(trial, live.name);
  if (settings !== live.settings)
    lies.push(`"${live.name}" has the settings ${settings}, not ${live.settings}`);
  return swapped;
}

async function judgeDatabases(trial: Trial, expected: readonly string[]): Promise<void> {
  const left = (await look(trial.world)).databases
    .split(", ")
    .filter((name) => name.startsWith(liveName(trial)));
  for (const name of left)
    if (!expected.includes(name)) trial.lies.push(`left after the next run: "${name}"`);
}

const liveName = ({ seed }: Trial) => `live "${seed}"`;

/** Makes the live database, and drops it with all that came of it. */
async function withLive(trial: Trial, use: (live: Live) => Promise<void>): Promise<void> {
  const { random, world, known } = trial;
  const name = liveName(trial);
  const id = random.pick([...known.keys()]);
  const short = `${id.slice(0, 7)}_${id.slice(-4)}`;
  const before = new Set((await look(world)).databases.split(", "));
  trial.database = await world.postgres.createDatabase(name);
  const application = new pg.Client({ connectionString: trial.database, application_name: "application" });
  application.on("error", () => {});
  await application.connect();
  try {
    await application.query(
      "create table live as select g as id, md5(g::text) as word from generate_series(1, 900) g",
    );
    const quoted = pg.escapeIdentifier(name);
    await application.query(`alter database ${quoted} connection limit 42`);
    await application.query(`alter database ${quoted} set work_mem to '7MB'`);
    const asked = await run(trial, "restore", id, "--swap");
    const confirm = /--confirm='(.*)'/.exec(asked.stdout)?.[1] ?? "";
    const confirmed = ["--drain", "0s", `--confirm=${JSON.parse(`"${confirm}"`)}`];
    const live: Live = {
      ...{ name, id, kept: `${name}_before_${short}`, undone: `${name}_undone_${short}` },
      content: await contentOfDatabase(world, name),
      settings: await settingsOf(trial, name),
      swap: ["restore", id, "--swap", "--into", intoOf({ name }), ...confirmed],
      undo: ["restore", id, "--undo", ...confirmed],
    };
    if (random.chance(0.5)) application.query("select pg_sleep(30)").catch(() => {});
    await use(live);
  } finally {
    await application.end().catch(() => {});
    trial.database = world.url;
    const there = (await look(world)).databases.split(", ");
    for (const left of there) if (!before.has(left) && left.startsWith(name)) await drop(world, left);
  }
}

async function settingsOf({ world }: Trial, database: string): Promise<string> {
  const { rows } = await world.source.query<{ told: string }>(
    `select concat(datconnlimit, ' ', (select setconfig::text from pg_db_role_setting where setdatabase = d.oid)) as told
     from pg_database d where datname = $1`,
    [database],
  );
  return rows[0]?.told ?? "none";
}

async function expectEnd(trial: Trial, wanted: number, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(trial, ...args);
  if (code !== wanted)
    trial.lies.push(`${args.slice(0, 3).join(" ")} ended with ${code}: ${stdout}${stderr}`);
}

async function expectRefusal(trial: Trial, args: readonly string[], error: string): Promise<void> {
  const { code, stderr } = await run(trial, ...args);
  if (code !== 2 || !stderr.includes(error))
    trial.lies.push(`${args[2]} once more ended with ${code}: ${stderr}`);
}
