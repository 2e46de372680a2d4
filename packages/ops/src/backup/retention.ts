import { milliseconds } from "@seakeep/contract";

/** Which backups are kept; one that any of these keeps is kept. */
export interface Keep {
  /** All that are younger than this, such as `"7d"`. */
  readonly within?: string;
  /** The newest so many. */
  readonly last?: number;
  /** The newest of each of the newest so many days (UTC) that have one. */
  readonly daily?: number;
  /** The same by week (ISO 8601, from Monday). */
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
  /** At least so many proven ones, whatever else is said. Default 1. */
  readonly proven?: number;
}

/** What retention has to know of a backup. */
export interface Kept {
  readonly id: string;
  /** When it was made. */
  readonly at: Date;
  readonly state: "complete" | "proven" | "damaged";
}

/** One backup and why it is kept; no reason: it may go. */
export interface Decision<T extends Kept> {
  readonly backup: T;
  readonly reasons: readonly string[];
}

const PERIODS = { daily: day, weekly: week, monthly: month, yearly: year } as const;

/**
 * Decides what is kept, grandfather-father-son: pure, so that every rule can be tried without a store.
 *
 * A damaged backup counts for nothing: it neither stands for its day nor is it deleted, for somebody may still want to
 * look at what is left of it.
 *
 * @param backups oldest first, by sequence
 * @param now the store's clock
 */
export function decide<T extends Kept>(backups: readonly T[], keep: Keep, now: Date): readonly Decision<T>[] {
  const reasons = new Map<T, string[]>(backups.map((backup) => [backup, []]));
  const because = (backup: T, reason: string) => reasons.get(backup)!.push(reason);
  const newestFirst = backups.filter(({ state }) => state !== "damaged").toReversed();
  for (const backup of backups) if (backup.state === "damaged") because(backup, "damaged: look at it first");
  if (newestFirst[0] !== undefined) because(newestFirst[0], "the newest");
  const proven = newestFirst.filter(({ state }) => state === "proven");
  for (const backup of proven.slice(0, Math.max(1, keep.proven ?? 1))) because(backup, "proven");
  for (const backup of newestFirst.slice(0, keep.last ?? 0)) because(backup, "last");
  const within = keep.within === undefined ? undefined : milliseconds(keep.within);
  if (within !== undefined) {
    for (const backup of newestFirst) {
      if (now.getTime() - backup.at.getTime() <= within) because(backup, "within");
    }
  }
  for (const [rule, periodOf] of Object.entries(PERIODS) as [keyof typeof PERIODS, (at: Date) => string][]) {
    const seen = new Set<string>();
    for (const backup of newestFirst) {
      const period = periodOf(backup.at);
      if (seen.has(period) || seen.size >= (keep[rule] ?? 0)) continue;
      seen.add(period);
      because(backup, rule);
    }
  }
  return backups.map((backup) => ({ backup, reasons: reasons.get(backup)! }));
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** The Monday it belongs to. */
function week(at: Date): string {
  const monday = new Date(at);
  monday.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7));
  return day(monday);
}

function month(at: Date): string {
  return at.toISOString().slice(0, 7);
}

function year(at: Date): string {
  return at.toISOString().slice(0, 4);
}
