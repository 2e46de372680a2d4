/** A length of time as people write it: `"500ms"`, `"30s"`, `"5m"`, `"24h"`, `"30d"`, `"2w"`. */
export type Duration = `${number}${DurationUnit}`;
type DurationUnit = "ms" | "s" | "m" | "h" | "d" | "w";

const UNIT_MS: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;

/** Longer than any duration in its right mind: an absurd text is refused before it is searched. */
const LONGEST_TEXT = 32;

/**
 * Milliseconds in a duration, or `undefined` when the text is not one or is no whole number of milliseconds.
 *
 * @example
 * milliseconds("1.5s"); // 1500
 * milliseconds("0.5ms"); // undefined
 */
export function milliseconds(text: string): number | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const exact = Number(amount) * UNIT_MS[unit as DurationUnit];
  const whole = Math.round(exact);
  // 1.1 * 1000 is 1100.0000000000002: the noise of binary fractions is not a fraction of a millisecond.
  return Number.isSafeInteger(whole) && Math.abs(exact - whole) <= exact * 1e-12 ? whole : undefined;
}

/** Writes whole milliseconds in the largest unit that stays whole: 90 000 is `"90s"`, 3 600 000 is `"1h"`. */
export function formatDuration(ms: number): Duration {
  const units: DurationUnit[] = ["d", "h", "m", "s"];
  const unit = ms === 0 ? "s" : (units.find((candidate) => ms % UNIT_MS[candidate] === 0) ?? "ms");
  const amount = ms / UNIT_MS[unit];
  return `${Number.isInteger(amount) ? amount : round(amount)}${unit}`;
}

/**
 * Drops the noise of binary fractions, so that `(100 - 99.9) / 100` prints as `0.001`.
 * Twelve significant digits: finer than any objective, coarser than the error of a few operations.
 */
export function round(value: number): number {
  return Number(value.toPrecision(12));
}

/** The share of bad events that an objective in percent allows: 99.9 leaves 0.001. */
export function errorBudget(objective: number): number {
  return round((100 - objective) / 100);
}
