import type { Objective } from "./report.ts";

/**
 * Judges a measured time against the declared one.
 *
 * @param seconds measured; `undefined`: it could not be
 * @param declared milliseconds; `undefined`: nothing is promised
 */
export function judgeObjective(seconds: number | undefined, declared: number | undefined): Objective {
  const facts = {
    ...(seconds !== undefined && { seconds }),
    ...(declared !== undefined && { declaredSeconds: declared / 1000 }),
  };
  if (seconds === undefined) return { ...facts, verdict: "not measured" };
  if (declared === undefined) return { ...facts, verdict: "not declared" };
  return { ...facts, verdict: seconds * 1000 <= declared ? "met" : "missed" };
}
