import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads the list of live process groups from its standard input, one full list a line, each as `SIGNAL:GROUP`.
 * The pipe closes when the parent ends, however it ends; then: ask the groups to stop, give them two to three seconds,
 * kill what is left, remove the folder. A shell, because it must start in milliseconds and outlive the parent;
 * in a session of its own, because Ctrl-C must not reach it.
 */
const script = `
trap '' INT TERM HUP
live=
while IFS= read -r line; do live=$line; done
for group in $live; do kill -s "\${group%%:*}" -- "-\${group#*:}"; done
tries=0
while [ $tries -lt 40 ]; do
  left=
  for group in $live; do if kill -s 0 -- "-\${group#*:}"; then left="$left $group"; fi; done
  [ -n "$left" ] || break
  tries=$((tries + 1))
  sleep 0.05
done
for group in $left; do kill -s KILL -- "-\${group#*:}"; done
rm -rf -- "$1"
`;

/** Ends what this process started, and removes its folder, when this process ends in any way, `kill -9` included. */
export interface Reaper {
  /** From now on, these process groups are ended with these signals. Replaces what was told before. */
  tell(groups: ReadonlyMap<number, NodeJS.Signals>): void;
  /** Reaps now; resolves when every group is gone and the folder is removed. */
  reap(): Promise<void>;
}

/** Starts the reaper of one scratch folder. */
export function startReaper(folder: string): Reaper {
  const child = spawn("/bin/sh", ["-c", script, "seakeep-reaper", folder], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // A reaper that is gone cannot be told anything; reap() reports it.
  child.stdin.on("error", () => {});
  child.unref();
  const ended = endOf(child);
  return {
    tell(groups) {
      child.stdin.write(`${[...groups].map(([pid, signal]) => `${signal.slice(3)}:${pid}`).join(" ")}\n`);
    },
    async reap() {
      child.ref();
      child.stdin.end();
      const status = await ended;
      if (status !== 0)
        throw new Error(`the reaper of ${folder} ended with ${status}; the folder may still be there`);
    },
  };
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "nothing"));
  });
}
