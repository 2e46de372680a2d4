import { setTimeout as delay } from "node:timers/promises";
import type { connect } from "node:tls";
import type { Service } from "@seakeep/contract";
import type { Secret } from "../config/values.ts";
import type { Check, CheckContext, MetricsEndpoint, Verdict } from "./check.ts";
import { createSend, type Evidence } from "./http.ts";
import { type Attempt, type CheckReport, type CheckResult, redacted, worst } from "./report.ts";
import { printable, Redactor } from "./text.ts";
import { timeLimit, unknown } from "./time-limit.ts";
import { createShake } from "./tls/handshake.ts";
import { version } from "./version/index.ts";

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
  /** Time between two attempts, milliseconds. */
  readonly pauseMs: number;
  /** Checks under way at once. */
  readonly concurrency: number;
  /** The version that every answer must come from; see {@link version}. */
  readonly expectVersion?: string;
  /** Ends the run: what has not finished is unknown. */
  readonly signal: AbortSignal;
}

/** The edges of the process that checks touch. */
export interface CheckEdges {
  readonly fetch: typeof fetch;
  /** Of node:tls. */
  readonly connect: typeof connect;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Milliseconds that this process has been at work, and not listening. */
  readonly busy: () => number;
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
  if (options.expectVersion !== undefined) {
    // Last, for it judges by the answers to all others too.
    const seen = results.flatMap(({ attempts }) => attempts.at(-1)?.evidence ?? []);
    results.push(await runCheck(version(options.expectVersion, seen), target, options, edges, redactor));
  }
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
    if (again) {
      await pause(options);
      continue;
    }
    const durationMs = Math.round(edges.now() - started);
    return { name: check.name, kind: check.kind, ...verdict, durationMs, attempts };
  }
}

/** Ends early when the run is interrupted; the next attempt then sees that by itself. */
async function pause({ pauseMs, signal }: RunOptions): Promise<void> {
  await delay(pauseMs, undefined, { signal }).catch(() => {});
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
  const { fetch, connect, now, busy, date, random } = edges;
  const began = now();
  const wire = { now, busy, signal, timeoutMs, record };
  const context: CheckContext = {
    url,
    service,
    metrics,
    send: createSend({ ...wire, base: url, fetch, redactor }),
    shake: createShake({ ...wire, url, connect }),
    signal,
    timeLeft: () => Math.max(began + timeoutMs - now(), 0),
    date,
    secret: async (wanted) => {
      const value = await edges.readSecret(wanted);
      if (value !== undefined) redactor.add(value);
      return value;
    },
    hide: (value) => redactor.add(value),
    random,
  };
  try {
    return await Promise.race([check.run(context), limit.overrun]);
  } catch (error) {
    if (error instanceof Error && error.name === "SeakeepError") throw error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return unknown(
      `The check itself broke: ${printable(what)}.`,
      "Mend the check; this says nothing about the service.",
    );
  } finally {
    limit.clear();
  }
}
