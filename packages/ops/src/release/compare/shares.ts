import { blockCounts, FEWEST_BLOCKS, inBlocks } from "./blocks.ts";
import { binomialTail, hypergeometricTail } from "./math/binomial.ts";
import { studentQuantile, studentTail } from "./math/student.ts";
import type { Slice } from "./metric.ts";

/** How likely two shares are the same, and which difference would have been seen. */
export interface ShareTest {
  readonly old: number;
  readonly new: number;
  /** One-sided: how likely at least this difference is when nothing changed. */
  readonly p: number;
  /**
   * The smallest difference that is found with this probability when a p-value must be below `level`.
   *
   * @param power such as 0.95
   * @param difference what the variance of the new side is reckoned at: the difference asked about
   */
  detectable(level: number, power: number, difference: number): number;
}

interface Side {
  readonly bad: number;
  readonly total: number;
  readonly share: number;
  readonly slices: readonly Slice[];
}

/** How much the shares of blocks say that the share of the window may err. */
interface Spread {
  /** Of the difference, squared. */
  readonly variance: number;
  /** Times what independent events would have; at least 1. */
  readonly dispersion: number;
  readonly df: number;
}

/**
 * Tests whether the share of bad events grew. The p-value is the largest of several: Fisher's exact test, which is right
 * for few events that come one by one, and t-tests on the shares of blocks of ever greater length, which are right when
 * events come in bursts (SciPy and R call the model quasi-binomial; the blocks are batch means). The exact test alone fails
 * releases for one unlucky retry loop.
 *
 * @param old the slices before; or a share that is given
 * @returns `undefined` when there are too few slices, or no events
 */
export function testShares(old: readonly Slice[] | number, after: readonly Slice[]): ShareTest | undefined {
  const one = typeof old === "number" ? undefined : side(old);
  const other = side(after);
  if (other === undefined || (one === undefined && typeof old !== "number")) return undefined;
  const before = one?.share ?? (old as number);
  const difference = other.share - before;
  const spreads = spreadsOf(one, other, before);
  const exact =
    one === undefined
      ? binomialTail(other.bad, other.total, before)
      : hypergeometricTail(other.bad, {
          marked: one.bad + other.bad,
          others: one.total + other.total - one.bad - other.bad,
          drawn: other.total,
        });
  const byBlocks = spreads.map(({ variance, df }) =>
    difference <= 0 ? 1 : studentTail(difference / Math.sqrt(variance), df),
  );
  return {
    old: before,
    new: other.share,
    p: Math.max(exact, ...byBlocks),
    detectable(level, power, wanted) {
      const worse = Math.min(0.5, before + wanted);
      const independent = binomialVariance(before, one?.total) + binomialVariance(worse, other.total);
      return Math.max(
        ...spreads.map(
          ({ dispersion, df }) =>
            (studentQuantile(level, df) + studentQuantile(1 - power, df)) *
            Math.sqrt(dispersion * independent),
        ),
      );
    },
  };
}

function side(slices: readonly Slice[]): Side | undefined {
  const used = slices
    .filter(({ total }) => total > 0)
    // More than one security event a request: it is as bad as can be.
    .map(({ bad, total }) => ({ bad: Math.min(bad, total), total }));
  const bad = Math.round(used.reduce((sum, slice) => sum + slice.bad, 0));
  const total = Math.round(used.reduce((sum, slice) => sum + slice.total, 0));
  return used.length < FEWEST_BLOCKS ? undefined : { bad, total, share: bad / total, slices: used };
}

/** Of a share of so many independent events; nothing when the share is given. */
function binomialVariance(share: number, total: number | undefined): number {
  return total === undefined ? 0 : (share * (1 - share)) / total;
}

function spreadsOf(one: Side | undefined, other: Side, before: number): readonly Spread[] {
  const sides = one === undefined ? [other] : [one, other];
  const pooled = one === undefined ? before : (one.bad + other.bad) / (one.total + other.total);
  const floor = sides.reduce((sum, { total }) => sum + binomialVariance(pooled, total), 0);
  const counts = sides.map(({ slices }) => blockCounts(slices.length));
  const levels = Math.min(...counts.map(({ length }) => length));
  return Array.from({ length: levels }, (_, level) => {
    const variances = sides.map((each, index) => blockVariance(each, counts[index]![level]!));
    const variance = variances.reduce((sum, { variance: part }) => sum + part, 0);
    const independent = sides.reduce((sum, { share, total }) => sum + binomialVariance(share, total), 0);
    // Welch and Satterthwaite, when the blocks differ by more than chance.
    const weight = variances.reduce((sum, { variance: part, df }) => sum + part ** 2 / df, 0);
    return {
      variance: Math.max(variance, floor, Number.MIN_VALUE),
      dispersion: independent === 0 ? 1 : Math.max(1, variance / independent),
      df:
        variance > floor && weight > 0
          ? variance ** 2 / weight
          : variances.reduce((sum, { df }) => sum + df, 0),
    };
  });
}

/** Variance of the share of a side as a ratio estimate from its blocks. */
function blockVariance({ slices, share, total }: Side, count: number): { variance: number; df: number } {
  const squares = inBlocks(slices, count)
    .map((block) => {
      const bad = block.reduce((sum, slice) => sum + slice.bad, 0);
      const events = block.reduce((sum, slice) => sum + slice.total, 0);
      return (bad - share * events) ** 2;
    })
    .reduce((sum, square) => sum + square, 0);
  return { variance: ((count / (count - 1)) * squares) / total ** 2, df: count - 1 };
}
