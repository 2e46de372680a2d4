import { incompleteBeta } from "./beta.ts";

/** Probability that Student's t with `df` degrees of freedom exceeds `t`. */
export function studentTail(t: number, df: number): number {
  if (Number.isNaN(t)) return 1;
  if (!Number.isFinite(t)) return t > 0 ? 0 : 1;
  const beyond = 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
  return t >= 0 ? beyond : 1 - beyond;
}

/** The t that is exceeded with probability `p`, 0 < p < 1. */
export function studentQuantile(p: number, df: number): number {
  if (p > 0.5) return -studentQuantile(1 - p, df);
  let low = 0;
  let high = 1;
  while (studentTail(high, df) > p) high *= 2;
  // Two doubles apart after at most as many halvings as a double has bits.
  for (let step = 0; step < 80 && high - low > high * 1e-15; step++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, df) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
