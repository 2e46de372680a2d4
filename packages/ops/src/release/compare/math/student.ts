import { incompleteBeta, logGamma } from "./beta.ts";

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
  while (studentTail(high, df) > p) {
    low = high;
    high *= 2;
  }
  // Newton's steps, kept between two bounds: it ends when a step no longer moves.
  const scale = Math.exp(logGamma((df + 1) / 2) - logGamma(df / 2)) / Math.sqrt(df * Math.PI);
  let t = (low + high) / 2;
  for (let step = 0; step < 100; step++) {
    const excess = studentTail(t, df) - p;
    if (excess > 0) low = t;
    else high = t;
    const density = scale * (1 + (t * t) / df) ** (-(df + 1) / 2);
    const newton = t + excess / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * Math.max(1, t)) return next;
    t = next;
  }
  return t;
}
