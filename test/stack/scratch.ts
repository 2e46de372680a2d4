import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReaper } from "./reaper.ts";

/** A temporary folder and the processes that live in it. Both are gone after `close`, or when this process ends. */
export interface Scratch {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Ends the process group with the signal when the scratch closes; at once when it has closed already. */
  guard(group: number, signal: NodeJS.Signals): void;
  /** Forgets a process group that has ended. */
  release(group: number): void;
  /** Ends every process that is left and removes the folder. Safe to call twice. */
  close(): Promise<void>;
}

/** Makes a scratch folder under the system's temporary folder. */
export async function openScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "seakeep-"));
  // Postgres refuses to run as root; the user it then runs as must be able to pass through, though not to list.
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const reaper = startReaper(folder);
  let closed: Promise<void> | undefined;
  return {
    folder,
    guard: reaper.guard,
    release: reaper.release,
    close() {
      closed ??= reaper.reap();
      return closed;
    },
  };
}
