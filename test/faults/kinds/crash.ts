import { spawnSync } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { nextRun, settle } from "../aftermath.ts";
import { compare, drop, judge } from "../oracle.ts";
import { descendants } from "../processes.ts";
import { look, quiet } from "../surroundings.ts";
import { pause, type Running, run, start, type Trial, urlOfFolder } from "../trial.ts";
import { toS3 } from "./s3.ts";

/** Whom it hits. */
export type Victim = "seakeep" | "pg_dump" | "pg_dumpall" | "pg_restore" | "zstd" | "postgres" | "session";

/** Hits a run at a moment of the trial's choice. */
export async function strike(
  { random, world, notes }: Trial,
  running: Running,
  victim: Victim,
  signal: NodeJS.Signals,
): Promise<void> {
  if (victim === "seakeep") {
    const after = Math.round(random.next() * world.duration * 1.2);
    await pause(after);
    notes.push(`${signal} to seakeep after ${after} ms${running.isOver() ? ", when it was over" : ""}`);
    return running.kill(signal);
  }
  const after = Math.round(random.next() ** 2 * 400);
  for (; !running.isOver(); await pause(1)) {
    const pid = await find(victim);
    if (pid === undefined) continue;
    await pause(after);
    notes.push(`${signal} to ${victim} after it had run for ${after} ms`);
    if (victim === "session") await world.source.query("select pg_terminate_backend($1)", [pid]);
    else if (descendants(running.pid).some((seen) => seen.pid === pid)) kill(pid, signal);
    return;
  }
  notes.push(`${victim} was not met`);

  async function find(name: Victim): Promise<number | undefined> {
    if (name !== "session") {
      const seen = descendants(running.pid).filter((process) => process.name === name);
      return seen.length === 0 ? undefined : random.pick(seen).pid;
    }
    const { rows } = await world.source.query<{ pid: number }>(
      `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
         and application_name <> 'application'`,
    );
    return rows.length === 0 ? undefined : random.pick(rows).pid;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended by itself since it was seen.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function crashing(
  victims: readonly Victim[],
  signals: readonly NodeJS.Signals[],
): (trial: Trial) => Promise<void> {
  return async (trial) => {
    if (trial.random.chance(0.3)) await toS3(trial);
    const content = await trial.world.nextVersion();
    const running = start(trial, "backup", "create");
    await strike(trial, running, trial.random.pick(victims), trial.random.pick(signals));
    await settle(trial, await running.ended, content);
  };
}

export const killCreate: (trial: Trial) => Promise<void> = crashing(["seakeep"], ["SIGKILL"]);
export const killDump: (trial: Trial) => Promise<void> = crashing(
  ["pg_dump", "pg_dumpall"],
  ["SIGKILL", "SIGTERM"],
);
export const killZstd: (trial: Trial) => Promise<void> = crashing(["zstd"], ["SIGKILL", "SIGTERM"]);
export const interruptCreate: (trial: Trial) => Promise<void> = crashing(["seakeep"], ["SIGINT", "SIGTERM"]);
export const killSession: (trial: Trial) => Promise<void> = crashing(["session"], ["SIGTERM"]);

/** A restore that is hit leaves nothing but a database of its own, and the next one takes that away. */
export async function crashRestore(trial: Trial): Promise<void> {
  const { random, world, lies, known } = trial;
  const id = random.pick([...known.keys()]);
  const into = `crashed_${trial.seed}`;
  const before = (await look(world)).databases.split(", ");
  const running = start(trial, "restore", id, "--into", into);
  const victim = random.pick<Victim>([
    "seakeep",
    "seakeep",
    "seakeep",
    "pg_restore",
    "pg_dump",
    "zstd",
    "session",
  ]);
  const signal = random.pick<NodeJS.Signals>(
    victim === "seakeep" ? ["SIGKILL", "SIGKILL", "SIGINT"] : ["SIGKILL"],
  );
  await strike(trial, running, victim, signal);
  const { code, json } = await running.ended;
  trial.notes.push(`restore ended with ${code}`);
  await quiet(trial);
  const extra = async () =>
    (await look(world)).databases.split(", ").filter((name) => !before.includes(name));
  const left = await extra();
  // Under its own name it must be whole, whether anybody heard of it or not.
  if (left.includes(into)) await compare(trial, into, id);
  else if (code === 0 || json.validated === true) lies.push(`restore told of ${into}, and it is not there`);
  if (code !== null && left.some((name) => name !== into && name !== json.database)) {
    lies.push(`restore ended with ${code} and left ${left.join(", ")}`);
  }
  await judge(trial, { restore: () => false });
  const again = await run(trial, "restore", id, "--into", `${into}_again`);
  if (again.code !== 0)
    lies.push(`the next restore ended with ${again.code}: ${again.stdout}${again.stderr}`);
  const still = (await extra()).filter(
    (name) => name !== into && name !== `${into}_again` && name !== json.database,
  );
  if (still.length > 0) lies.push(`left after the next restore: ${still.join(", ")}`);
  for (const name of await extra()) await drop(world, name);
}

/** Two creates at once: each is refused or good, and not both are refused. */
export async function twoAtOnce(trial: Trial): Promise<void> {
  const { random, world, known, lies } = trial;
  if (random.chance(0.4)) await toS3(trial);
  const content = await world.nextVersion();
  const first = start(trial, "backup", "create");
  await pause(random.next() ** 2 * world.duration);
  const second = start(trial, "backup", "create");
  const results = await Promise.all([first.ended, second.ended]);
  trial.notes.push(`ended with ${results.map(({ code }) => code).join(" and ")}`);
  for (const { code, json, stderr } of results) {
    if (code === 0) known.set(String(json.id), content);
    else if (!stderr.includes("SK-BACKUP-004")) lies.push(`one of two creates ended with ${code}: ${stderr}`);
  }
  if (results.every(({ code }) => code !== 0)) lies.push("two creates at once refused each other");
  await judge(trial, { restore: (id) => results.some(({ json }) => json.id === id) });
  await nextRun(trial);
}

/** The store's disk has some room, and not enough, and later enough again. */
export async function diskFull(trial: Trial): Promise<void> {
  const { random, world, folder, store } = trial;
  const disk = join(folder, "disk");
  await mkdir(disk);
  const mount = (...args: string[]) => spawnSync("mount", args, { encoding: "utf8" });
  const { status, stderr } = mount("-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", disk);
  if (status !== 0) return void trial.notes.push(`skipped: no small disk to be had (${stderr.trim()})`);
  try {
    const root = join(disk, "backups");
    await cp(store, root, { recursive: true, preserveTimestamps: true });
    trial.url = urlOfFolder(root);
    trial.store = root;
    const used = Number(spawnSync("du", ["-sk", disk], { encoding: "utf8" }).stdout.split("\t")[0]);
    const room = random.below(450);
    mount("-o", `remount,size=${used + room}k`, disk);
    trial.notes.push(`${room} KiB of room`);
    const content = await world.nextVersion();
    const result = await run(trial, "backup", "create");
    mount("-o", "remount,size=64m", disk);
    await settle(trial, result, content);
  } finally {
    spawnSync("umount", [disk]);
    trial.url = urlOfFolder(store);
    trial.store = store;
  }
}
