import { normalQuantile, normalTail } from "./math/normal.ts";

/** Which look at the growing data this is. */
export interface Look {
  /** From one. */
  readonly index: number;
  /** How many are planned, this one included. */
  readonly planned: number;
}

/**
 * The part of a probability of error that a look may spend: what the spending function of O'Brien and Fleming's kind
 * (Lan and DeMets, Biometrika 1983) adds from the look before. Early looks get nearly nothing, the last one most. The
 * parts add up to `alpha`, so whatever the looks have to do with each other, all of them together err no more often.
 */
export function spend(alpha: number, { index, planned }: Look): number {
  if (index > planned) return 0;
  const z = normalQuantile(alpha / 2);
  const until = (look: number) => (look === 0 ? 0 : 2 * normalTail(z / Math.sqrt(look / planned)));
  return until(index) - until(index - 1);
}
