import { formatDuration, type Service, type Slo } from "@seakeep/contract";
import type { Signals, Span } from "../../signals/signals.ts";
import { countSlo, type SloCount } from "../../signals/slo/count.ts";
import type { Finding } from "../evidence.ts";

/** What is happening now, milliseconds: long enough for a few scrapes, short enough to see a recovery. */
const NOW = 5 * 60_000;
/** Without a deploy to look back to. */
const BEFORE = 60 * 60_000;
/** Less than that was not looked at closely enough. */
const LEAST_COVERAGE = 0.5;

/** The events of one SLO: since the deploy, and in the last minutes of that. */
export interface SloSince {
  readonly slo: Pick<Slo, "name" | "budget" | "minimumBadEvents">;
  readonly since: SloCount | undefined;
  readonly now: SloCount | undefined;
}

/**
 * Reads whether the service is harmed: by each SLO since the deploy, and by the alerts that fire.
 *
 * @param since of the deploy; `undefined`: the last hour
 */
export async function lookAtService(
  signals: Signals,
  service: Service,
  {
    since,
    now,
    signal,
  }: { readonly since: Date | undefined; readonly now: Date; readonly signal: AbortSignal },
): Promise<Finding<"service">> {
  const from = new Date(Math.min(now.getTime() - 1000, since?.getTime() ?? now.getTime() - BEFORE));
  const recent: Span = { from: new Date(Math.max(from.getTime(), now.getTime() - NOW)), to: now };
  const counts: SloSince[] = [];
  for (const slo of service.slos) {
    const count = (span: Span) => countSlo({ signals, service, span, signal }, slo);
    counts.push({ slo, since: await count({ from, to: now }), now: await count(recent) });
  }
  const firing = await signals.firing(service.name, signal);
  const pages = (firing ?? []).filter(({ labels }) => labels.severity === "page").map(({ name }) => name);
  return judgeService(counts, pages, formatDuration(now.getTime() - from.getTime()));
}

/**
 * Harm dominates not knowing, and not knowing dominates health.
 *
 * @param pages names of the pages that fire
 * @param span how long `since` is, in words
 */
export function judgeService(
  counts: readonly SloSince[],
  pages: readonly string[],
  span: string,
): Finding<"service"> {
  if (pages.length > 0) return { answer: "harmed", saw: `${[...new Set(pages)].join(", ")} fires` };
  const burning = counts.filter(({ slo, now }) => isOver(slo, now));
  if (burning.length > 0) return { answer: "harmed", saw: shares(burning, "now", "in the last minutes") };
  // What is down altogether leaves no errors, but a gap: an hour that was seen must not hide minutes that were not.
  const blind = counts.filter(({ since, now }) => !isSeen(since) || !isSeen(now));
  if (blind.length > 0) {
    return {
      answer: "unknown",
      saw: `there is too little data of ${blind.map(({ slo }) => slo.name).join(", ")}`,
    };
  }
  if (counts.every(({ since }) => since!.total === 0)) return { answer: "unknown", saw: "nobody used it" };
  const burned = counts.filter(({ slo, since }) => isOver(slo, since));
  if (burned.length > 0) {
    return { answer: "recovered", saw: `${shares(burned, "since", `in ${span}`)}, and no longer` };
  }
  return { answer: "healthy", saw: `no SLO burned its budget in ${span}` };
}

function isSeen(count: SloCount | undefined): boolean {
  return count !== undefined && count.coverage >= LEAST_COVERAGE;
}

/** Faster than the budget allows, and by more than bad luck. */
function isOver({ budget, minimumBadEvents }: SloSince["slo"], count: SloCount | undefined): boolean {
  return count !== undefined && count.bad >= minimumBadEvents && count.bad > count.total * budget;
}

function shares(counts: readonly SloSince[], which: "since" | "now", when: string): string {
  const each = counts.map(({ slo, [which]: count }) => `${slo.name}: ${count!.bad} of ${count!.total} bad`);
  return `${each.join(", ")} ${when}`;
}
