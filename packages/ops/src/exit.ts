/** Exit codes of every verb. */
export const EXIT = {
  /** What was asked was done, and the verdict is good. */
  passed: 0,
  /** A verdict went against you: a check failed, drift was found, a gate refused. */
  failed: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** Could not tell: no data, or unreachable. Never a pass. */
  unknown: 3,
  /** A fault of the command itself. */
  internal: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
