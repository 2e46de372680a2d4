import { blockCounts, FEWEST_BLOCKS, inBlocks } from "./blocks.ts";
import { logGamma } from "./math/beta.ts";
import { ranksHigher } from "./math/ranks.ts";

/** How likely two levels are the same. */
export interface LevelTest {
  /** Medians. */
  readonly old: number;
  readonly new: number;
  /** One-sided p-value. */
  readonly p: number;
  /** The smallest p-value that so few values can give, were they as far apart as can be. */
  readonly least: number;
}

/**
 * Tests whether values grew, by ranks: no outlier weighs more than another. Levels drift, so neighbours are alike; the
 * p-value is the largest over the maxima of blocks of ever greater length.
 *
 * @returns `undefined` when there are too few values
 */
export function testLevels(old: readonly number[], after: readonly number[]): LevelTest | undefined {
  const known = (values: readonly number[]) => values.filter((value) => !Number.isNaN(value));
  const [before, now] = [known(old), known(after)];
  if (Math.min(before.length, now.length) < FEWEST_BLOCKS) return undefined;
  const counts = [blockCounts(before.length), blockCounts(now.length)] as const;
  const levels = Math.min(counts[0].length, counts[1].length);
  const maxima = (values: readonly number[], count: number) =>
    inBlocks(values, count).map((block) => Math.max(...block));
  const tests = Array.from({ length: levels }, (_, level) => {
    const [ones, others] = [maxima(before, counts[0][level]!), maxima(now, counts[1][level]!)];
    return {
      p: ranksHigher(ones, others),
      // One arrangement of all.
      least: Math.exp(
        logGamma(ones.length + 1) + logGamma(others.length + 1) - logGamma(ones.length + others.length + 1),
      ),
    };
  });
  return {
    old: median(before),
    new: median(now),
    p: Math.max(...tests.map(({ p }) => p)),
    least: Math.max(...tests.map(({ least }) => least)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
