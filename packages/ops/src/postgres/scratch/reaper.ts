import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads the live process groups from its standard input, one full list a line, each as `SIGNAL:GROUP`. The pipe closes
 * when the parent ends, however it ends, `kill -9` included; then: send each group its signal, give them all three
 * seconds, kill what is left, remove the folder.
 *
 * A shell, because it must outlive Node and cost nothing; in a session of its own, because Ctrl-C must not reach it.
 */
const SCRIPT = `
trap '' INT TERM HUP
live=
while IFS= read -r line; do live=$line; done
for group in $live; do kill -s "\${group%%:*}" -- "-\${group#*:}"; done
tries=0
while [ $tries -lt 60 ]; do
  left=
  for group in $live; do if kill -s 0 -- "-\${group#*:}"; then left="$left $group"; fi; done
  [ -n "$left" ] || break
  tries=$((tries + 1))
  sleep 0.05
done
for group in $left; do kill -s KILL -- "-\${group#*:}"; done
rm -rf -- "$1"
`;

/** Ends process groups and removes a folder when this process ends in any way. */
export interface Reaper {
  /** From now on this group is ended, with this signal first. */
  guard(group: number, signal: NodeJS.Signals): void;
  /** Forgets a group that has ended: its number may come to be another's. */
  release(group: number): void;
  /** Reaps now; resolves when every group is gone and the folder is removed. Safe more than once. */
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
  const groups = new Map<number, NodeJS.Signals>();
  let reaping = false;
  const tell = () => {
    const list = [...groups].map(([group, signal]) => `${signal.slice("SIG".length)}:${group}`);
    if (!reaping) child.stdin.write(`${list.join(" ")}\n`);
  };
  return {
    guard(group, signal) {
      // Started while its folder was being cleared away: the list has been read already.
      if (reaping) return kill(group);
      groups.set(group, signal);
      tell();
    },
    release(group) {
      groups.delete(group);
      tell();
    },
    async reap() {
      reaping = true;
      child.ref();
      child.stdin.end();
      const status = await ended;
      if (status !== 0) throw new Error(`what clears ${folder} away ended with ${status}; remove it by hand`);
    },
  };
}

function kill(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Gone already, which is what is wanted.
  }
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "nothing"));
  });
}
