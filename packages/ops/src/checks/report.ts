import type { Verdict, VerdictName } from "./check.ts";
import type { Evidence } from "./http.ts";
import type { Redactor } from "./text.ts";

/** One run of a check, with everything that it asked. */
export interface Attempt {
  readonly verdict: VerdictName;
  readonly reason: string;
  readonly durationMs: number;
  readonly evidence: readonly Evidence[];
}

/** What became of one check. The verdict is that of the last attempt; all of them are kept. */
export interface CheckResult extends Verdict {
  readonly name: string;
  readonly kind: string;
  readonly durationMs: number;
  readonly attempts: readonly Attempt[];
}

/** What a run of checks found out. */
export interface CheckReport {
  /** True only when every check passed. */
  readonly ok: boolean;
  /** Failure dominates not knowing. */
  readonly verdict: VerdictName;
  readonly url: string;
  /** Name and declaration hash, when there was a configuration. */
  readonly service?: { readonly name: string; readonly declaration: string };
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly checks: readonly CheckResult[];
}

/** Failure dominates not knowing, and nothing at all is not a pass. */
export function worst(verdicts: readonly VerdictName[]): VerdictName {
  if (verdicts.includes("failed")) return "failed";
  return verdicts.length === 0 || verdicts.includes("unknown") ? "unknown" : "passed";
}

/** Reports are full of a stranger's words: none of them may be a secret that the stranger was told. */
export function redacted<T>(redactor: Redactor, value: T): T {
  if (typeof value === "string") return redactor.redact(value) as T;
  if (Array.isArray(value)) return value.map((inner: unknown) => redacted(redactor, inner)) as T;
  if (typeof value !== "object" || value === null) return value;
  // A verdict is one of our own three words, whatever somebody chose as a token.
  const clean = ([key, inner]: [string, unknown]) => [
    key,
    key === "verdict" ? inner : redacted(redactor, inner),
  ];
  return Object.fromEntries(Object.entries(value).map(clean)) as T;
}
