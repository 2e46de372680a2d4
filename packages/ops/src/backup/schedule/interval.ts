/** How often something runs, in the terms that every scheduler has. */
export type Interval =
  | { readonly unit: "minute"; readonly every: number }
  | { readonly unit: "hour"; readonly every: number }
  | { readonly unit: "day" | "week" | "month" };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Those that divide an hour or a day, so that the last of a day is no closer to the first of the next. */
const INTERVALS: readonly (readonly [ms: number, interval: Interval])[] = [
  [DAY, { unit: "day" }],
  ...[12, 8, 6, 4, 3, 2, 1].map((every) => [every * HOUR, { unit: "hour", every }] as const),
  ...[30, 20, 15, 10, 5, 2, 1].map((every) => [every * MINUTE, { unit: "minute", every }] as const),
];

/**
 * How often to back up so that the recovery point objective is kept though one run in a row fails: two intervals and the
 * time that a run takes must fit into it, so each is shorter than half of it. 24 h is every 8 h.
 *
 * @param rpo milliseconds; `undefined`: nothing is promised, and a backup a day is usual
 * @returns `undefined` when dumps cannot keep such an objective
 */
export function backupInterval(rpo: number | undefined): Interval | undefined {
  if (rpo === undefined) return { unit: "day" };
  return INTERVALS.find(([ms]) => ms < rpo / 2)?.[1];
}

/** How often to drill: at least as often as is declared, milliseconds. */
export function drillInterval(every: number): Interval {
  if (every >= 31 * DAY) return { unit: "month" };
  if (every >= 7 * DAY) return { unit: "week" };
  return INTERVALS.find(([ms]) => ms <= every)?.[1] ?? { unit: "minute", every: 1 };
}

/** `every 8 hours`, for a sentence. */
export function intervalText(interval: Interval): string {
  if (!("every" in interval)) return `every ${interval.unit}`;
  return interval.every === 1 ? `every ${interval.unit}` : `every ${interval.every} ${interval.unit}s`;
}

/** A moment within an interval. */
export interface Offset {
  /** Minute of the hour, 0 to 59. */
  readonly minute: number;
  /** Hour of the day, UTC, for what runs once a day or less often. */
  readonly hour: number;
}

/** The five fields of crontab(5). */
export function cronFields(interval: Interval, { minute, hour }: Offset): string {
  switch (interval.unit) {
    case "minute":
      return `*/${interval.every} * * * *`;
    case "hour":
      return interval.every === 1 ? `${minute} * * * *` : `${minute} */${interval.every} * * *`;
    case "day":
      return `${minute} ${hour} * * *`;
    case "week":
      return `${minute} ${hour} * * 0`;
    case "month":
      return `${minute} ${hour} 1 * *`;
  }
}

/** OnCalendar of systemd.time(7), in UTC. */
export function onCalendar(interval: Interval, { minute, hour }: Offset): string {
  const [mm, hh] = [minute, hour].map((value) => String(value).padStart(2, "0"));
  switch (interval.unit) {
    case "minute":
      return `*-*-* *:00/${interval.every}:00 UTC`;
    case "hour":
      return interval.every === 1 ? `*-*-* *:${mm}:00 UTC` : `*-*-* 00/${interval.every}:${mm}:00 UTC`;
    case "day":
      return `*-*-* ${hh}:${mm}:00 UTC`;
    case "week":
      return `Sun *-*-* ${hh}:${mm}:00 UTC`;
    case "month":
      return `*-*-01 ${hh}:${mm}:00 UTC`;
  }
}
