import { type ChildProcess, spawn } from "node:child_process";
import type { Environment } from "../../print.ts";

/** Milliseconds between asking a command to stop and killing it. */
const PATIENCE = 10_000;

/**
 * Ends a process group when its standard input closes: when this process ends, however it ends, `kill -9` included. The last
 * line names the group; an empty one says that there is none.
 */
const GUARD = `
trap '' INT TERM HUP
group=
while IFS= read -r line; do group=$line; done
if [ -n "$group" ]; then
  kill -s TERM -- "-$group"
  tries=0
  while [ $tries -lt 100 ] && kill -s 0 -- "-$group"; do tries=$((tries + 1)); sleep 0.1; done
  kill -s KILL -- "-$group"
fi
`;

/** Runs one command after another, none of which outlives this process. */
export interface Commands {
  /**
   * Runs a command and answers its exit code; `null` when a signal ended it, -1 when it could not be started.
   *
   * @param onStart hears the command's process group
   */
  run(command: readonly string[], onStart?: (group: number) => Promise<void>): Promise<number | null>;
  close(): void;
}

export interface CommandEdges {
  /** Where Seakeep's own commands run: paths on its command line are from there. */
  readonly cwd: string;
  /** Where those of the configuration run: its folder. */
  readonly folder: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Words that stand for `seakeep` as the first word: this very program. */
  readonly self: readonly string[];
}

/** Opens a runner. What commands print goes to standard error: standard output is the result's. */
export function openCommands({ cwd, folder, environment, signal, self }: CommandEdges): Commands {
  let guard: Guard | undefined;
  return {
    async run(command, onStart) {
      guard ??= startGuard();
      const own = command[0] === "seakeep";
      const words = own ? [...self, ...command.slice(1)] : command;
      const child = spawn(words[0]!, words.slice(1), {
        cwd: own ? cwd : folder,
        env: { ...environment },
        detached: true,
        stdio: ["ignore", "pipe", "inherit"],
      });
      child.stdout.pipe(process.stderr, { end: false });
      const ended = endOf(child);
      const { pid } = child;
      const stop = () => pid !== undefined && end(pid);
      signal.addEventListener("abort", stop, { once: true });
      try {
        if (pid !== undefined) {
          guard.watch(pid);
          await onStart?.(pid);
        }
        if (signal.aborted) stop();
        return await ended;
      } finally {
        signal.removeEventListener("abort", stop);
        guard.watch();
      }
    },
    close: () => guard?.close(),
  };
}

interface Guard {
  /** From now on this group, and no other. */
  watch(group?: number): void;
  close(): void;
}

function startGuard(): Guard {
  const child = spawn("/bin/sh", ["-c", GUARD, "seakeep-guard"], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => {});
  child.unref();
  return {
    watch: (group) => void child.stdin.write(`${group ?? ""}\n`),
    close: () => void child.stdin.end(),
  };
}

function end(group: number): void {
  signalGroup(group, "SIGTERM");
  setTimeout(() => signalGroup(group, "SIGKILL"), PATIENCE).unref();
}

/** True while any process of the group lives. */
export function isRunning(group: number): boolean {
  return signalGroup(group, 0);
}

function signalGroup(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("close", (code) => resolve(code));
  });
}
