/** Whole numbers of any size, divided once, at the end: no rounding on the way. */
export function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let result = 1n;
  for (let index = 1n; index <= BigInt(k); index++) result = (result * (BigInt(n - k) + index)) / index;
  return result;
}

/** A ratio as a double, to sixteen digits. */
export function ratio(part: bigint, whole: bigint): number {
  return Number((part * 10n ** 40n) / whole) / 1e40;
}
