import type { Loss } from "./database/loss.ts";

/** `3h 12m`: the two largest units, rounded up, so that it never says less than it is. */
export function spanText(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const;
  const first = Math.max(
    0,
    units.findIndex(([, size]) => seconds >= size),
  );
  if (seconds < 60) return `${Math.ceil(seconds)}s`;
  const [[unit, size], [lesser, least]] = [units[first]!, units[first + 1]!];
  const whole = Math.ceil(seconds / least) * least;
  const rest = (whole % size) / least;
  return `${Math.floor(whole / size)}${unit}${rest === 0 ? "" : ` ${rest}${lesser}`}`;
}

/** `1234 rows`, and what else there is. */
export function countedText({
  lost,
  values,
  largeObjects,
}: Pick<Loss, "lost" | "values" | "largeObjects">): string {
  const parts = [
    [lost, "row"],
    [values, "value"],
    [largeObjects, "large object"],
  ] as const;
  const said = parts.filter(([count, noun]) => count > 0 || noun === "row");
  return said.map(([count, noun]) => `${count} ${noun}${count === 1 ? "" : "s"}`).join(", ");
}

/** The text that confirms a loss: `lose 1234 rows and 3h 12m of courses`. */
export function lossPhrase(loss: Loss, seconds: number, database: string): string {
  return `lose ${countedText(loss)} and ${spanText(seconds)} of ${database}`;
}
