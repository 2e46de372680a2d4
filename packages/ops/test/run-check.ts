import { connect } from "node:tls";
import { NAMES, type Service } from "@seakeep/contract";
import type { Check } from "../src/checks/check.ts";
import type { CheckResult } from "../src/checks/report.ts";
import { runChecks } from "../src/checks/run.ts";

interface Given {
  readonly service?: Service;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly expectVersion?: string;
  /** What day it is. Default: a day of the past. */
  readonly date?: Date;
  /** Where to connect instead, as a host name that leads there would. */
  readonly resolve?: URL;
}

/** Runs one check against a URL, over real HTTP. */
export async function runCheck(check: Check, url: URL, given: Given = {}): Promise<CheckResult> {
  const { service, secrets = {}, timeoutMs = 20_000, date, resolve } = given;
  const resolved: typeof fetch = (input, init) =>
    fetch(resolve === undefined ? input : String(input).replace(url.origin, resolve.origin), init);
  const report = await runChecks(
    [check],
    { url, metrics: { path: NAMES.paths.metrics }, ...(service === undefined ? {} : { service }) },
    { timeoutMs, attempts: 1, pauseMs: 0, concurrency: 1, signal: new AbortController().signal },
    { ...edges(secrets), ...(date && { date: () => date }), fetch: resolved },
  );
  return report.checks[0]!;
}

/** Real edges, but for chance, the calendar and the secrets. */
export function edges(secrets: Readonly<Record<string, string>> = {}): Parameters<typeof runChecks>[3] {
  return {
    fetch,
    connect,
    now: () => performance.now(),
    busy: () => performance.eventLoopUtilization().active,
    date: () => new Date("2026-11-23T08:00:00Z"),
    random: () => "0123456789abcdef0123456789abcdef",
    readSecret: async ({ name }) => secrets[name],
  };
}

/** All that a check says against the service, in one text. */
export function complaints({ findings }: CheckResult): string {
  return findings.map(({ reason }) => reason).join("\n");
}
