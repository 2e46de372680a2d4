import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type CommandResult, runCommand } from "../../stack/commands.ts";
import type { Scratch } from "../../stack/index.ts";

const require = createRequire(import.meta.url);
const command = join(dirname(require.resolve("seakeep")), "../bin/seakeep.js");

/** Runs `seakeep` in the scratch folder. */
export function seakeep(
  scratch: Scratch,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  return runCommand(scratch, { command: process.execPath, args: [command, ...args], env });
}

/** A run under way, to be interrupted. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts `seakeep`, without waiting for it. */
export function startSeakeep(
  scratch: Scratch,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: scratch.folder,
    detached: true,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    stdio: "ignore",
  });
  const { pid } = child;
  if (pid !== undefined) scratch.guard(pid, "SIGKILL");
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => {
      if (pid !== undefined) scratch.release(pid);
      resolve({ code, signal });
    });
  });
  return { child, ended };
}
