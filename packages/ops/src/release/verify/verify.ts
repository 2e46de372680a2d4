import type { CheckReport } from "../../checks/report.ts";
import { worst } from "../../checks/report.ts";
import type { Ops } from "../../config/ops.ts";
import type { Signals } from "../../signals/signals.ts";
import type { Actor } from "../actor.ts";
import type { Item } from "../ci.ts";
import type { Comparison } from "../compare/compare.ts";
import type { VersionScope } from "../compare/gather.ts";
import type { Look } from "../compare/looks.ts";
import type { GateVerdict } from "../gates/gate.ts";
import { type WaitClock, type WaitOptions, waitAndLook } from "./wait.ts";
import { type WindowOptions, windows } from "./windows.ts";

/** What `seakeep release verify` decided, and on what. */
export interface ReleaseVerify {
  readonly kind: "release verify";
  readonly format: 1;
  readonly service: { readonly name: string; readonly declaration: string };
  readonly version: string;
  /** RFC 3339. */
  readonly at: string;
  readonly tool: string;
  readonly by: Actor;
  readonly verdict: GateVerdict["verdict"];
  /** One sentence. */
  readonly reason: string;
  /** The checks as a whole, then everything that was compared. */
  readonly items: readonly Item[];
  /** Absent: no look was taken, for the checks had failed or there was nothing to compare. */
  readonly look?: Look;
  readonly windows?: { readonly old?: VersionScope; readonly new: VersionScope };
  readonly comparison?: Comparison;
  readonly checks: CheckReport;
}

/** What verifying works with. */
export interface VerifyParts {
  readonly ops: Ops;
  /** Absent: none are configured. */
  readonly signals: Signals | undefined;
  /** The checks, held to the version that must answer. */
  readonly check: () => Promise<CheckReport>;
  readonly clock: WaitClock;
}

export interface VerifyOptions extends Pick<WaitOptions, "forMs" | "everyMs" | "signal" | "onWait"> {
  readonly version: string;
  readonly windows: WindowOptions;
  readonly look: Look;
  readonly tool: string;
  readonly by: Actor;
}

/**
 * Says whether what was deployed is good: it answers as the version that it should be, passes the checks, and is no worse
 * than the version before. What fails its checks is not compared: it is bad already, and a look is not spent on it.
 */
export async function verifyRelease(
  { ops, signals, check, clock }: VerifyParts,
  options: VerifyOptions,
): Promise<ReleaseVerify> {
  const { version, look, tool, by } = options;
  const { service, prometheus } = ops;
  const checks = await check();
  const checked = checkItem(checks);
  const facts = {
    kind: "release verify",
    format: 1,
    service: { name: service.name, declaration: service.hash },
    ...{ version, tool, by, checks },
  } as const;
  const done = (item: Item): ReleaseVerify => ({
    ...facts,
    at: clock.date().toISOString(),
    ...{ verdict: item.verdict, reason: item.reason, items: item === checked ? [item] : [checked, item] },
  });
  if (checked.verdict === "failed") return done(checked);
  if (signals === undefined) return done(NO_SIGNALS);
  const rules = { look, first: options.windows.first };
  const scope = { signals, service, scrapeInterval: prometheus.scrapeInterval, rules };
  const { comparison, at } = await waitAndLook({ ...scope, ...options }, clock);
  const sides = windows(options.windows, at);
  const verdict = worst([checked.verdict, comparison.verdict]);
  return {
    ...facts,
    at: at.toISOString(),
    verdict,
    reason: comparison.verdict === verdict ? comparison.reason : checked.reason,
    items: [
      checked,
      ...comparison.metrics.map(({ name, verdict: found, reason }) => ({ name, verdict: found, reason })),
    ],
    // Where nothing was tested nothing was learned: it could neither pass nor fail, and is no look.
    ...(comparison.metrics.some(({ p }) => p !== undefined) && { look }),
    windows: { ...(sides.old && { old: sides.old }), new: sides.new },
    comparison,
  };
}

function checkItem({ checks, verdict }: CheckReport): Item {
  const open = checks.filter((result) => result.verdict !== "passed");
  const [first] = open.filter((result) => result.verdict === verdict);
  if (first === undefined || open.length === 0) {
    const found = checks.length === 0 ? ("unknown" as const) : verdict;
    return { name: "checks", verdict: found, reason: `${checks.length} checks passed.` };
  }
  const more = open.length > 1 ? ` (and ${open.length - 1} more)` : "";
  return { name: "checks", verdict, reason: `${first.name}: ${first.reason}${more}`, fix: first.fix ?? "" };
}

const NO_SIGNALS: Item = {
  name: "comparison",
  verdict: "unknown",
  reason: "Nothing is configured that measures the service.",
  fix: 'Name your Prometheus: `signals: prometheus(env("PROMETHEUS_URL"))`.',
};
