import { ERRORS, type ErrorCode, type ErrorEntry } from "./error-table.ts";
import type { Problem } from "./problems.ts";

export interface ErrorDetails {
  /** Why it happened this time; default: the table's. */
  readonly why?: string;
  /** What to do this time; default: the table's. */
  readonly fix?: string;
  readonly cause?: unknown;
  /** Every problem found, when the error stands for several. */
  readonly problems?: readonly Problem[];
}

/**
 * An error with a code, one sentence of what happened, why, and what to do.
 *
 * @example
 * try {
 *   defineService({ name: "x", owner: "a", slos: [] });
 * } catch (error) {
 *   if (error instanceof SeakeepError) process.exitCode = error.exit; // 2
 * }
 */
export class SeakeepError extends Error {
  override readonly name = "SeakeepError";
  readonly code: ErrorCode;
  /** What happened, without code, reason or cure. */
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly exit: ErrorEntry["exit"];
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    const entry: ErrorEntry = ERRORS[code];
    const why = details.why ?? entry.why;
    const fix = details.fix ?? entry.fix;
    super(`${code}: ${what}\n  why: ${why}\n  fix: ${fix}`, causeOf(details));
    this.code = code;
    this.what = what;
    this.why = why;
    this.fix = fix;
    this.exit = entry.exit;
    this.problems = details.problems ?? [];
  }
}

/** No option at all without a cause: an own `cause` of undefined would be printed. */
function causeOf(details: ErrorDetails): ErrorOptions | undefined {
  return details.cause === undefined ? undefined : { cause: details.cause };
}
