import { formatDuration, type Service } from "@seakeep/contract";
import type { Secret } from "../config/values.ts";
import type { Check, CheckContext, MetricsEndpoint, Verdict, VerdictName } from "./check.ts";
import { createSend, type Evidence } from "./http.ts";
import { Redactor } from "./text.ts";

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

/** What a run is about. */
export interface CheckTarget {
  readonly url: URL;
  readonly service?: Service;
  readonly metrics: MetricsEndpoint;
}

/** How checks are run. */
export interface RunOptions {
  /** Time for one attempt at one check, milliseconds. */
  readonly timeoutMs: number;
  /** Attempts at a check that could not tell; a failed one is never tried again. */
  readonly attempts: number;
  /** Checks under way at once. */
  readonly concurrency: number;
  /** Ends the run: what has not finished is unknown. */
  readonly signal: AbortSignal;
}

/** The edges of the process that checks touch. */
export interface CheckEdges {
  readonly fetch: typeof fetch;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  readonly date: () => Date;
  readonly random: () => string;
  readonly readSecret: (secret: Secret) => Promise<string | undefined>;
}

/**
 * Runs checks, a few at a time, each within its deadline.
 *
 * @throws {SeakeepError} what a check raises about its configuration, such as `SK-CHECK-006`.
 */
export async function runChecks(
  checks: readonly Check[],
  target: CheckTarget,
  options: RunOptions,
  edges: CheckEdges,
): Promise<CheckReport> {
  const startedAt = edges.date().toISOString();
  const started = edges.now();
  const redactor = new Redactor();
  const results = new Array<CheckResult>(checks.length);
  const waiting = checks.entries();
  const worker = async () => {
    for (const [index, check] of waiting)
      results[index] = await runCheck(check, target, options, edges, redactor);
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, checks.length) }, worker));
  const verdict = worst(results.map((result) => result.verdict));
  const { service } = target;
  return redacted(redactor, {
    ok: verdict === "passed",
    verdict,
    url: target.url.href,
    ...(service === undefined ? {} : { service: { name: service.name, declaration: service.hash } }),
    startedAt,
    durationMs: Math.round(edges.now() - started),
    checks: results,
  });
}

/** Failure dominates not knowing, and nothing at all is not a pass. */
export function worst(verdicts: readonly VerdictName[]): VerdictName {
  if (verdicts.includes("failed")) return "failed";
  return verdicts.length === 0 || verdicts.includes("unknown") ? "unknown" : "passed";
}

async function runCheck(
  check: Check,
  target: CheckTarget,
  options: RunOptions,
  edges: CheckEdges,
  redactor: Redactor,
): Promise<CheckResult> {
  const started = edges.now();
  const attempts: Attempt[] = [];
  for (;;) {
    const began = edges.now();
    const evidence: Evidence[] = [];
    const verdict = await attempt(check, target, options, edges, redactor, (seen) => evidence.push(seen));
    attempts.push({
      verdict: verdict.verdict,
      reason: verdict.reason,
      durationMs: Math.round(edges.now() - began),
      evidence: [...evidence],
    });
    const again =
      verdict.verdict === "unknown" && attempts.length < options.attempts && !options.signal.aborted;
    if (again) continue;
    const durationMs = Math.round(edges.now() - started);
    return { name: check.name, kind: check.kind, ...verdict, durationMs, attempts };
  }
}

async function attempt(
  check: Check,
  { url, service, metrics }: CheckTarget,
  { timeoutMs, signal: interruption }: RunOptions,
  edges: CheckEdges,
  redactor: Redactor,
  record: (evidence: Evidence) => void,
): Promise<Verdict> {
  const limit = timeLimit(timeoutMs, interruption);
  const { signal } = limit;
  const context: CheckContext = {
    url,
    service,
    metrics,
    send: createSend({ base: url, fetch: edges.fetch, now: edges.now, signal, timeoutMs, redactor, record }),
    signal,
    secret: async (wanted) => {
      const value = await edges.readSecret(wanted);
      if (value !== undefined) redactor.add(value);
      return value;
    },
    random: edges.random,
  };
  try {
    return await Promise.race([check.run(context), limit.overrun]);
  } catch (error) {
    if (error instanceof Error && error.name === "SeakeepError") throw error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return unknown(
      `The check itself broke: ${what}.`,
      "Mend the check; this says nothing about the service.",
    );
  } finally {
    limit.clear();
  }
}

interface TimeLimit {
  readonly signal: AbortSignal;
  /** The verdict over a check that does not heed the signal. */
  readonly overrun: Promise<Verdict>;
  readonly clear: () => void;
}

/** A check that heeds its signal has said, this many milliseconds after it, more than its overrun could. */
const GRACE = 250;

/** Not AbortSignal.timeout(): its timer lets the process end, and a run that ends early must not look like a pass. */
function timeLimit(timeoutMs: number, interruption: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, interruption]);
  const expire = () => controller.abort(new DOMException("The time is up.", "TimeoutError"));
  const timer = setTimeout(expire, timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  const overrun = new Promise<Verdict>((resolve) => {
    const end = () => {
      const reason = interruption.aborted
        ? "The check was interrupted."
        : `The check had not finished after ${formatDuration(timeoutMs)}.`;
      const fix = "Make it heed its signal, or allow more time with --timeout.";
      grace = setTimeout(() => resolve(unknown(reason, fix)), GRACE);
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
  const clear = () => {
    clearTimeout(timer);
    clearTimeout(grace);
  };
  return { signal, overrun, clear };
}

function unknown(reason: string, fix: string): Verdict {
  return { verdict: "unknown", reason, fix, findings: [{ verdict: "unknown", reason, fix }], notes: [] };
}

/** Reports are full of a stranger's words: none of them may be a secret that the stranger was told. */
function redacted<T>(redactor: Redactor, value: T): T {
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
