import { randomBytes } from "node:crypto";
import { connect } from "node:tls";
import { type Fault, RELEASE, TOKEN } from "./faults/fault.ts";
import { certificates, declaration, defaults, running } from "./ops.ts";
import { startProxy } from "./proxy.ts";

type CheckReport = Awaited<ReturnType<typeof running.runChecks>>;

/** Milliseconds for each check, as the command has it: less than the slow faults take, more than a busy machine does. */
const PATIENCE = 10_000;

/** How the default checks are run. */
export interface RunGiven {
  readonly declared?: boolean;
  readonly expectVersion?: string;
  /** Only the check of this name, for less time. */
  readonly only?: string;
}

/** Looks at a certificate as the default checks do, and trusts an authority besides. */
export async function runTls(url: URL, ca: string): Promise<CheckReport> {
  return await run([certificates.tls({ ca })], url, {});
}

/** Runs the default checks as the command does. */
export async function runDefaults(url: URL, given: RunGiven = {}): Promise<CheckReport> {
  const { only } = given;
  const checks = defaults.defaultChecks(url);
  return await run(only === undefined ? checks : checks.filter(({ name }) => name === only), url, given);
}

async function run(
  checks: Parameters<typeof running.runChecks>[0],
  url: URL,
  { declared = false, expectVersion }: RunGiven,
): Promise<CheckReport> {
  return await running.runChecks(
    checks,
    { url, metrics: { path: "/metrics" }, ...(declared && { service: declaration.service }) },
    {
      ...{
        timeoutMs: PATIENCE,
        attempts: 1,
        pauseMs: 0,
        concurrency: 4,
        signal: new AbortController().signal,
      },
      ...(expectVersion === undefined ? {} : { expectVersion }),
    },
    {
      ...{
        fetch,
        connect,
        now: () => performance.now(),
        busy: () => performance.eventLoopUtilization().active,
        date: () => new Date(),
      },
      random: () => randomBytes(16).toString("hex"),
      readSecret: async ({ name }) => (name === "METRICS_TOKEN" ? TOKEN : undefined),
    },
  );
}

/** What became of one fault. */
export interface Trial {
  readonly fault: Fault;
  /** The right check gave the right verdict, and so did the run. */
  readonly found: boolean;
  /** `passed` is the one that must not be. */
  readonly verdict: CheckReport["verdict"];
  readonly told: string;
}

/**
 * Puts a fault in front of a healthy service, and runs the default checks against it.
 *
 * @param whole false: only the check that must find it, where it is one
 */
export async function tryFault(
  fault: Fault,
  service: URL,
  { whole = true }: { readonly whole?: boolean } = {},
): Promise<Trial> {
  const proxy = await startProxy(service, fault.meddling());
  const [by, verdict] = fault.found;
  try {
    const report = await runDefaults(proxy.url, {
      declared: fault.given === "the declaration",
      ...(fault.given === "--expect-version" && { expectVersion: RELEASE }),
      ...(!whole && by !== "any" && by !== "version" && { only: by }),
    });
    const hit = report.checks.find(
      (check) => check.verdict === verdict && (by === "any" || check.name === by),
    );
    const told = report.checks
      .filter((check) => check.verdict !== "passed")
      .map((check) => `${check.name} ${check.verdict}: ${check.reason}`)
      .join(" | ");
    return { fault, found: hit !== undefined && report.verdict !== "passed", verdict: report.verdict, told };
  } finally {
    proxy.close();
  }
}

/** Runs `work` on all items, so many at a time, and keeps their order. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
