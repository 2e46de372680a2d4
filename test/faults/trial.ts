import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { COMMAND, cli } from "./ops.ts";
import type { Random } from "./random.ts";
import { SERVICE, type World } from "./world.ts";

/** One seeded fault and everything that is known of it. */
export interface Trial {
  readonly seed: number;
  readonly kind: string;
  readonly random: Random;
  readonly world: World;
  /** Of this trial alone: its store, its temporary files. */
  readonly folder: string;
  store: string;
  readonly temporary: string;
  /** URL of the store for `--store`. */
  url: string;
  /** URL of the database that the command is told of: the source, unless a trial has another. */
  database: string;
  /** Backups are sealed to the world's recipient. */
  readonly sealed: boolean;
  /** Processes at once of its creates. */
  readonly jobs: number;
  /** The content that each backup must restore to, by its id. */
  readonly known: Map<string, string>;
  /** What was done, told beside a lie. */
  readonly notes: string[];
  readonly lies: string[];
  /** Everything that was printed or thrown. */
  readonly outputs: string[];
}

/** What one run of the command answered. */
export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The document of `--json`; empty when there is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Milliseconds after which a run that does not end is a lie too. */
const PATIENCE = 60_000;

function environment({ world, temporary, database }: Trial): Record<string, string> {
  return {
    ...(process.env as Record<string, string>),
    DATABASE_URL: database,
    SEAKEEP_IDENTITY_FILE: world.identity,
    TMPDIR: temporary,
    NO_COLOR: "1",
  };
}

function command(trial: Trial, args: readonly string[]): string[] {
  const isCreate = args.includes("create");
  const sealing = trial.sealed && isCreate ? ["--recipient", trial.world.recipient] : [];
  const splitting = trial.jobs > 1 && isCreate ? ["--jobs", String(trial.jobs)] : [];
  return [...args, ...sealing, ...splitting, "--store", trial.url, "--service", SERVICE, "--json"];
}

/** Runs the command in this process. */
export async function run(trial: Trial, ...args: readonly string[]): Promise<Result> {
  enter(trial);
  let [stdout, stderr] = ["", ""];
  const stop = new AbortController();
  const overdue = setTimeout(() => stop.abort(), PATIENCE);
  const code = await cli.run(command(trial, args), {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    environment: environment(trial),
    cwd: trial.folder,
    signal: stop.signal,
  });
  clearTimeout(overdue);
  if (stop.signal.aborted) trial.lies.push(`${args.join(" ")} did not end within ${PATIENCE / 1000} s`);
  return result(trial, code, stdout, stderr);
}

/** What runs in this process works where the trial does. */
export function enter({ temporary, folder }: Trial): void {
  process.env.TMPDIR = temporary;
  process.chdir(folder);
}

/** A run in a process of its own, to be interrupted. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Result>;
  isOver(): boolean;
  kill(signal: NodeJS.Signals): void;
}

export function start(trial: Trial, ...args: readonly string[]): Running {
  const child = spawn(process.execPath, [COMMAND, ...command(trial, args)], {
    cwd: trial.folder,
    detached: true,
    env: environment(trial),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid ?? -1;
  trial.world.scratch.guard(pid, "SIGKILL");
  let [stdout, stderr, over] = ["", "", false];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const overdue = setTimeout(() => {
    trial.lies.push(`${args.join(" ")} did not end within ${PATIENCE / 1000} s`);
    child.kill("SIGKILL");
  }, PATIENCE);
  const ended = new Promise<Result>((resolve) => {
    child.once("exit", (code) => {
      over = true;
      clearTimeout(overdue);
      trial.world.scratch.release(pid);
      // What it started may hold its output open for a moment longer.
      setTimeout(() => resolve(result(trial, code, stdout, stderr)), 20);
    });
  });
  return { pid, ended, isOver: () => over, kill: (signal) => void child.kill(signal) };
}

function result(trial: Trial, code: number | null, stdout: string, stderr: string): Result {
  trial.outputs.push(stdout, stderr);
  if (code === 70) trial.lies.push(`it fell over itself: ${stderr.slice(0, 600)}`);
  return { code, stdout, stderr, json: parsed(stdout) };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const urlOfFolder = (folder: string): string => pathToFileURL(folder).href;

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
