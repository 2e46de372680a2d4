import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { WorkFolder } from "./work-folder.ts";

/** Who to run as, when this process may choose. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface LaunchOptions {
  /** Ends it when it closes, or when this process ends in any way. */
  readonly folder: WorkFolder;
  /** File that takes what it prints. */
  readonly log: string;
  /** The whole of its environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user?: User | undefined;
  /** What asks it to stop. */
  readonly signal: NodeJS.Signals;
}

/** A process under way. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves with its exit code, or with what ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts a process in a group of its own: Ctrl-C at the terminal is for us, and we end it. */
export function launch(program: string, args: readonly string[], options: LaunchOptions): Running {
  const { folder, log, env, cwd, user, signal } = options;
  const output = openSync(log, "a", 0o600);
  try {
    const child = spawn(program, args, {
      ...{ cwd, detached: true, env: { ...env }, stdio: ["ignore", output, output], ...user },
    });
    const { pid } = child;
    if (pid !== undefined) folder.guard(pid, signal);
    const ended = new Promise<number | string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, killed) => resolve(code ?? killed ?? "nothing"));
    });
    return { child, ended };
  } finally {
    closeSync(output);
  }
}
