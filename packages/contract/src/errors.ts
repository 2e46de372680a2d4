import type { Problem } from "./validate.ts";

/** What the table says of one code: the parts that are the same each time it is raised. */
export interface ErrorEntry {
  /** One line for the index of docs/errors.md. */
  readonly title: string;
  /** Why it happens, one sentence. */
  readonly why: string;
  /** What to do about it, one sentence; a raise may say it more exactly. */
  readonly fix: string;
  /** The command's exit code when this error ends it: 2 usage or configuration, 3 could not tell, 70 internal. */
  readonly exit: 2 | 3 | 70;
}

/** Every error that Seakeep raises. docs/errors.md has one entry a code; a test keeps the two in step. */
export const ERRORS = {
  "SK-SERVICE-001": {
    title: "The service declaration is not valid",
    why: "defineService() was given values that contradict themselves or that it does not know.",
    fix: "Mend each listed problem; every one names its path, what was got and what was wanted.",
    exit: 2,
  },
} as const;

export type ErrorCode = keyof typeof ERRORS;

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
 * throw new SeakeepError("SK-CONFIG-001", "seakeep.config.ts was not found in /srv/app.");
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
    super(`${code}: ${what}\n  why: ${why}\n  fix: ${fix}`, { cause: details.cause });
    this.code = code;
    this.what = what;
    this.why = why;
    this.fix = fix;
    this.exit = entry.exit;
    this.problems = details.problems ?? [];
  }
}
