import type { CheckResult } from "../report.ts";

/** `passed after 3 attempts`: a check that had to be asked more than once says so in every format. */
export function tries({ verdict, attempts }: Pick<CheckResult, "verdict" | "attempts">): string | undefined {
  return attempts.length > 1 ? `${verdict} after ${attempts.length} attempts` : undefined;
}
