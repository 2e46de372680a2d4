import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads which process group to end from its standard input, the last line counts. The pipe closes when this process
 * ends, however it ends, `kill -9` included; then: end the group at once, wait for it, remove the folder.
 *
 * A shell, because it must outlive Node and cost nothing; in a session of its own, because Ctrl-C must not reach it.
 * SIGQUIT is Postgres's immediate shutdown: its sessions are groups of their own, which only the postmaster can end.
 */
const SCRIPT = `
trap '' INT TERM HUP
group=
while IFS= read -r line; do group=$line; done
if [ -n "$group" ]; then
  kill -s QUIT -- "-$group"
  tries=0
  while [ $tries -lt 60 ] && kill -s 0 -- "-$group"; do tries=$((tries + 1)); sleep 0.05; done
  kill -s KILL -- "-$group"
fi
rm -rf -- "$1"
`;

/** Ends a process group and removes a folder when this process ends in any way. */
export interface Reaper {
  /** From now on this group, and no other, is ended. Without one: none. */
  guard(group?: number): void;
  /** Reaps now; resolves when the group is gone and the folder is removed. Safe more than once. */
  reap(): Promise<void>;
}

/** Starts the reaper of one folder. */
export function startReaper(folder: string): Reaper {
  const child = spawn("/bin/sh", ["-c", SCRIPT, "seakeep-reaper", folder], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // A reaper that is gone cannot be told anything; reap() reports it.
  child.stdin.on("error", () => {});
  child.unref();
  const ended = endOf(child);
  return {
    guard(group) {
      child.stdin.write(`${group ?? ""}\n`);
    },
    async reap() {
      child.ref();
      child.stdin.end();
      const status = await ended;
      if (status !== 0) throw new Error(`what clears ${folder} away ended with ${status}; remove it by hand`);
    },
  };
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "nothing"));
  });
}
