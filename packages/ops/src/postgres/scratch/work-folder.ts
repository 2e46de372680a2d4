import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { type Reaper, startReaper } from "./reaper.ts";

/** A private folder for everything that a scratch server writes. It is gone when this process ends in any way. */
export interface WorkFolder {
  /** Absolute path; mode 0700. */
  readonly path: string;
  readonly guard: Reaper["guard"];
  readonly release: Reaper["release"];
  /** Ends what is guarded and removes the folder. */
  close(): Promise<void>;
}

/**
 * Makes it, and first clears away what a run left behind whose reaper was killed as well. A Postgres that still runs
 * there ends by itself within a minute of losing its folder.
 *
 * @throws {SeakeepError} `SK-BACKUP-007` when the folder for it cannot be used.
 */
export async function openWorkFolder(parent: string): Promise<WorkFolder> {
  const path = await make(parent);
  const reaper = startReaper(path);
  const { guard, release } = reaper;
  return { path, guard, release, close: () => reaper.reap() };
}

async function make(parent: string): Promise<string> {
  try {
    await sweep(parent);
    return await mkdtemp(join(parent, `${prefix()}${process.pid}-`));
  } catch (cause) {
    const what = `The work folder cannot be used: ${(cause as Error).message}.`;
    throw new SeakeepError("SK-BACKUP-007", what, {
      fix: "Name one that may be written, with --work-dir.",
      cause,
    });
  }
}

/** Process ids mean something on one host only, and folders can be shared by several. */
function prefix(): string {
  return `seakeep-drill-${createHash("sha256").update(hostname()).digest("hex").slice(0, 8)}-`;
}

async function sweep(parent: string): Promise<void> {
  const start = prefix();
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(start) ? /^(\d+)-/.exec(name.slice(start.length))?.[1] : undefined;
    if (owner === undefined || isAlive(Number(owner))) continue;
    // Somebody else's, where the folder is shared by users: theirs to clear away.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
