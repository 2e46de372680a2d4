import { SeakeepError } from "@seakeep/contract";
import type { BackupEntry } from "./catalog.ts";
import { type Decision, decide, type Keep } from "./retention.ts";
import type { Store } from "./stores/store.ts";

/** Milliseconds that this machine's clock and the store's may differ. */
const MOST_SKEW = 5 * 60_000;

/** A backup, and the time that it is kept by. */
type DatedEntry = BackupEntry & { readonly at: Date };

/** What would go, what would stay and why. */
export type PrunePlan = readonly Decision<DatedEntry>[];

/**
 * Plans what to delete of one service's backups. Deletes nothing.
 *
 * @param backups of one service, oldest first
 * @param now this machine's clock; only compared with the store's
 * @throws {SeakeepError} `SK-BACKUP-014` when something is odd enough to keep everything.
 */
export async function planPrune(
  store: Store,
  backups: readonly BackupEntry[],
  keep: Keep,
  now: Date,
): Promise<PrunePlan> {
  const theirs = await store.now();
  const skew = Math.abs(theirs.getTime() - now.getTime());
  if (skew > MOST_SKEW) {
    throw new SeakeepError(
      "SK-BACKUP-014",
      `This machine's clock and the store's differ by ${Math.round(skew / 1000)} s.`,
    );
  }
  const ahead = backups.find(({ stored }) => stored.getTime() > theirs.getTime() + MOST_SKEW);
  if (ahead !== undefined) {
    throw new SeakeepError("SK-BACKUP-014", `${ahead.id} was stored after the store's own present.`);
  }
  refuseShrunken(backups);
  return decide(dated(backups), keep, theirs);
}

/**
 * When each backup was made. The store's time of the manifest is the latest that it can be; whoever copies a store gives
 * everything the time of the copy, and by that all but one would go. What the manifest says is believed as far as it
 * fits: not later than it was stored, not earlier than the backup before it.
 *
 * @param backups of one service, oldest first
 */
export function dated(backups: readonly BackupEntry[]): readonly DatedEntry[] {
  let before = 0;
  return backups.map((backup) => {
    const { manifest, stored } = backup;
    const finished = manifest === undefined ? stored.getTime() : Date.parse(manifest.finishedAt);
    before = Math.min(stored.getTime(), Math.max(before, finished));
    return { ...backup, at: new Date(before) };
  });
}

/** A new backup of half the size is more often a lost table than a tidied one. */
function refuseShrunken(backups: readonly BackupEntry[]): void {
  const [before, newest] = backups
    .filter(({ state }) => state !== "damaged")
    .slice(-2)
    .map(plainBytes);
  if (before === undefined || newest === undefined || newest * 2 >= before) return;
  const what = `The newest backup holds ${newest} bytes of data, and the one before it ${before}.`;
  throw new SeakeepError("SK-BACKUP-014", what, {
    fix: "If that is right, make one more backup of the new size; else restore what is missing from the one before.",
  });
}

function plainBytes({ manifest }: BackupEntry): number {
  return manifest?.files.reduce((sum, file) => sum + file.plainBytes, 0) ?? 0;
}

/** Deletes what a plan lets go, the oldest first. An interrupted deletion leaves no backup that is listed and not whole. */
export async function prune(
  store: Store,
  plan: PrunePlan,
  options: { readonly signal: AbortSignal; readonly onDeleted?: (backup: BackupEntry) => void },
): Promise<void> {
  for (const { backup, reasons } of plan) {
    if (reasons.length > 0) continue;
    options.signal.throwIfAborted();
    for (const key of backup.keys) await store.delete(key);
    options.onDeleted?.(backup);
  }
}
