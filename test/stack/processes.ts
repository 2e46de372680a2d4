import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import type { Scratch } from "./scratch.ts";
import { GiveUp, until } from "./until.ts";

/** How to start a server that listens on one loopback port. */
export interface ServerSpec {
  /** Names the log file and the part in error messages. */
  readonly name: string;
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  /** Nothing of this process's own environment is passed on except PATH and HOME. */
  readonly env?: (port: number) => Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The user to run as, when this process may choose. */
  readonly as?: { readonly uid: number; readonly gid: number };
  /** True once the server does its work; a throw counts as "not yet". */
  readonly ready: (port: number) => Promise<boolean>;
  /** Milliseconds until "not ready" is a failure. Default 20 000. */
  readonly readyWithin?: number;
  /** What asks it to stop. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** What the reaper sends it. Default: the stop signal. */
  readonly reapSignal?: NodeJS.Signals;
  /** Listen here and nowhere else. Default: a free port, and another one if that is taken meanwhile. */
  readonly port?: number;
}

/** A server that was seen to be ready. */
export interface Server {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Milliseconds from its start until it was ready. */
  readonly readyAfter: number;
  /** Asks it to stop, and kills it after five seconds. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Kills its whole process group at once, as a crash would. Resolves when it is gone. */
  kill(): Promise<void>;
  /** The end of what it wrote to standard output and standard error. */
  lastLines(count?: number): string;
}

const stopDeadline = 5_000;
const portTaken = /address already in use|EADDRINUSE/i;

/** Starts a server and waits until it is ready. On failure nothing is left running and the error ends with its log. */
export async function startServer(scratch: Scratch, spec: ServerSpec): Promise<Server> {
  for (let tries = 1; ; tries++) {
    const port = spec.port ?? (await freePort());
    const started = performance.now();
    const run = launch(scratch, spec, port);
    try {
      await until(
        `${spec.name} ready on port ${port}`,
        () => {
          if (run.ending() !== undefined)
            throw new GiveUp(`${spec.name} ${run.ending()} before it was ready`);
          return spec.ready(port);
        },
        { within: spec.readyWithin ?? 20_000 },
      );
      return { ...run.server, readyAfter: performance.now() - started };
    } catch (error) {
      const log = run.server.lastLines();
      await run.server.kill();
      if (spec.port === undefined && tries < 3 && portTaken.test(log)) continue;
      throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
    }
  }
}

function launch(scratch: Scratch, spec: ServerSpec, port: number) {
  const logFile = join(scratch.folder, `${spec.name}.log`);
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(spec.command, spec.args(port), {
    cwd: spec.cwd ?? scratch.folder,
    detached: true,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...spec.env?.(port) },
    stdio: ["ignore", log, log],
    ...spec.as,
  });
  closeSync(log);
  const { pid } = child;
  if (pid !== undefined) scratch.guard(pid, spec.reapSignal ?? spec.stopSignal ?? "SIGTERM");
  let ending: string | undefined;
  const gone = goneFrom(child).then((how) => {
    ending = how;
    if (pid !== undefined) scratch.release(pid);
  });
  const signal = (name: NodeJS.Signals) => {
    if (pid !== undefined && ending === undefined) signalGroup(pid, name);
  };
  const server: Omit<Server, "readyAfter"> = {
    name: spec.name,
    pid: pid ?? -1,
    port,
    async stop() {
      signal(spec.stopSignal ?? "SIGTERM");
      const overdue = setTimeout(() => void server.kill(), stopDeadline);
      await gone;
      clearTimeout(overdue);
    },
    async kill() {
      signal("SIGKILL");
      await gone;
    },
    lastLines: (count = 20) => readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-count).join("\n"),
  };
  return { server, ending: () => ending };
}

function goneFrom(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`did not start: ${error.message}`));
    child.once("exit", (code, signal) =>
      resolve(signal === null ? `ended with ${code}` : `was ended by ${signal}`),
    );
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The group ended in the meantime: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
