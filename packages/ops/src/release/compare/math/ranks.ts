import { normalTail } from "./normal.ts";

/** Up to this many values all arrangements are counted; beyond, the normal approximation is good to three digits. */
const MOST_EXACT = 50;

/**
 * One-sided p-value of the Wilcoxon-Mann-Whitney test of two independent samples: how likely `others` would rank as high
 * as they do, were both from one distribution. Exact for up to 50 values, ties included (the permutation distribution of
 * mid-ranks); else the normal approximation with ties and continuity corrected.
 *
 * @see Hollander and Wolfe, Nonparametric Statistical Methods, chapter 4
 */
export function ranksHigher(ones: readonly number[], others: readonly number[]): number {
  if (ones.length === 0 || others.length === 0) return 1;
  const { ranks, ties } = doubledRanks([...ones, ...others]);
  const sum = ranks.slice(ones.length).reduce((total, rank) => total + rank, 0);
  const size = ranks.length;
  if (size <= MOST_EXACT) return exactTail(ranks, others.length, sum);
  const mean = others.length * (size + 1);
  const variance = ((ones.length * others.length) / 3) * (size + 1 - ties / (size * (size - 1)));
  return variance === 0 ? 1 : normalTail((sum - mean - 1) / Math.sqrt(variance));
}

/** Twice the mid-ranks, which are whole; and the sum of t^3 - t over groups of t equal values. */
function doubledRanks(values: readonly number[]): { ranks: number[]; ties: number } {
  const order = values.map((_value, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  let ties = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    const group = end - start;
    for (let index = start; index < end; index++) ranks[order[index]!] = start + end + 1;
    ties += group ** 3 - group;
    start = end;
  }
  return { ranks, ties };
}

/** Share of all choices of `count` ranks whose sum is at least `sum`. */
function exactTail(ranks: readonly number[], count: number, sum: number): number {
  const most = ranks.reduce((total, rank) => total + rank, 0);
  // ways[k][s]: choices of k ranks with the sum s.
  const ways = Array.from({ length: count + 1 }, () => new Float64Array(most + 1));
  ways[0]![0] = 1;
  let reach = 0;
  for (const rank of ranks) {
    reach += rank;
    for (let k = count; k >= 1; k--) {
      const [into, from] = [ways[k]!, ways[k - 1]!];
      for (let s = reach; s >= rank; s--) into[s]! += from[s - rank]!;
    }
  }
  let all = 0;
  let high = 0;
  for (const [total, number] of ways[count]!.entries()) {
    all += number;
    if (total >= sum) high += number;
  }
  return high / all;
}
