import type { Output } from "../../print.ts";
import { bytesText } from "./words.ts";

/** Milliseconds between two updates: quick to the eye, free to the machine. */
const PAUSE = 100;

/**
 * A progress line: share, bytes, rate, time left.
 *
 * @param now monotonic, milliseconds
 */
export function createMeter(
  output: Output,
  now: () => number,
): (word: string, done: number, expected: number) => void {
  const started = now();
  let last = Number.NEGATIVE_INFINITY;
  return (word, done, expected) => {
    if (!output.interactive || now() - last < PAUSE) return;
    last = now();
    const seconds = (last - started) / 1000;
    const rate = seconds > 0 ? done / seconds : 0;
    // An estimate may be short of the truth: never more than nearly all.
    const share = expected > 0 ? Math.min(0.99, done / expected) : 0;
    const left =
      rate > 0 && share > 0 && share < 0.99 ? `, ${Math.ceil((expected - done) / rate)} s left` : "";
    const bar = "█".repeat(Math.round(share * 20)).padEnd(20, "░");
    output.status(`${word} ${bar} ${bytesText(done)}, ${bytesText(rate)}/s${left}`);
  };
}
