/**
 * Binomial and hypergeometric probabilities that stay accurate for millions of requests: Catherine Loader, "Fast and
 * Accurate Computation of Binomial Probabilities" (2000), as R computes them. Differences of log-gammas lose six digits
 * at a million.
 */

const TWO_PI = 2 * Math.PI;

/** `log(n!) - log(sqrt(2 pi n) (n/e)^n)`: the error of Stirling's formula, for n = 0 to 15. */
const STIRLING_ERRORS: readonly number[] = [
  0, 0.08106146679532726, 0.0413406959554093, 0.02767792568499834, 0.020790672103765093, 0.016644691189821193,
  0.013876128823070748, 0.01189670994589177, 0.010411265261972096, 0.009255462182712733, 0.00833056343336287,
  0.007573675487951841, 0.00694284010720953, 0.006408994188004207, 0.0059513701127588475,
  0.005554733551962801,
];

function stirlingError(n: number): number {
  if (n < STIRLING_ERRORS.length) return STIRLING_ERRORS[n]!;
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

/** `x log(x / mean) + mean - x` without cancellation. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = (x - mean) / (x + mean);
  let sum = (x - mean) * v;
  let term = 2 * x * v;
  for (let odd = 3; ; odd += 2) {
    term *= v * v;
    const next = sum + term / odd;
    if (next === sum) return sum;
    sum = next;
  }
}

/** Probability of `x` successes in `n` trials, each with probability `p`. */
export function binomialProbability(x: number, n: number, p: number): number {
  if (x < 0 || x > n) return 0;
  if (p === 0) return x === 0 ? 1 : 0;
  if (p === 1) return x === n ? 1 : 0;
  if (x === 0) return Math.exp(n * Math.log1p(-p));
  if (x === n) return Math.exp(n * Math.log(p));
  const exponent =
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(n - x) -
    deviance(x, n * p) -
    deviance(n - x, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (TWO_PI * x * (n - x)));
}

/** Probability of at least `x` successes. */
export function binomialTail(x: number, n: number, p: number): number {
  if (x <= 0) return 1;
  if (x > n || p === 0) return 0;
  if (p === 1) return 1;
  return tail(x, n, binomialProbability(x, n, p), {
    mean: n * p,
    up: (k) => ((n - k) / (k + 1)) * (p / (1 - p)),
    down: (k) => (k / (n - k + 1)) * ((1 - p) / p),
    least: 0,
  });
}

/** An urn: `drawn` of `marked + others` are drawn. */
export interface Urn {
  readonly marked: number;
  readonly others: number;
  readonly drawn: number;
}

/** Probability that `x` of those drawn are marked. */
function hypergeometricProbability(x: number, { marked, others, drawn }: Urn): number {
  if (x < Math.max(0, drawn - others) || x > Math.min(drawn, marked)) return 0;
  if (drawn === 0) return 1;
  const p = drawn / (marked + others);
  return (
    (binomialProbability(x, marked, p) * binomialProbability(drawn - x, others, p)) /
    binomialProbability(drawn, marked + others, p)
  );
}

/** Probability that at least `x` of those drawn are marked: the one-sided p-value of Fisher's exact test. */
export function hypergeometricTail(x: number, urn: Urn): number {
  const { marked, others, drawn } = urn;
  const least = Math.max(0, drawn - others);
  const most = Math.min(drawn, marked);
  if (x <= least) return 1;
  if (x > most) return 0;
  return tail(x, most, hypergeometricProbability(x, urn), {
    mean: (drawn * marked) / (marked + others),
    up: (k) => ((marked - k) * (drawn - k)) / ((k + 1) * (others - drawn + k + 1)),
    down: (k) => (k * (others - drawn + k)) / ((marked - k + 1) * (drawn - k + 1)),
    least,
  });
}

interface Ratios {
  readonly mean: number;
  /** Probability of k + 1 over that of k. */
  readonly up: (k: number) => number;
  /** Probability of k - 1 over that of k. */
  readonly down: (k: number) => number;
  readonly least: number;
}

/** Sums from `x` up; where that is more than half, what is below it is summed instead, for it is known better. */
function tail(x: number, most: number, first: number, { mean, up, down, least }: Ratios): number {
  if (x >= mean) {
    let sum = first;
    let term = first;
    for (let k = x; k < most && term > sum * 1e-18; k++) {
      term *= up(k);
      sum += term;
    }
    return Math.min(1, sum);
  }
  let below = 0;
  let term = first;
  for (let k = x; k > least; k--) {
    term *= down(k);
    below += term;
    if (term < below * 1e-18) break;
  }
  return Math.max(0, Math.min(1, 1 - below));
}
