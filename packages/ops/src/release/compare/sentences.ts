import type { ComparisonVerdict, LevelMetric, ShareMetric } from "./metric.ts";

interface ShareFacts {
  readonly metric: ShareMetric;
  readonly verdict: ComparisonVerdict;
  readonly old: number;
  readonly new: number;
  readonly effect: number;
  readonly detectable: number;
  /** Events of the new version. */
  readonly total: number;
}

/** Why a share passed, failed or could not be told. */
export function shareSentence(facts: ShareFacts): string {
  const { metric, verdict, old, effect, detectable, total } = facts;
  const seen = `${percent(facts.new)} ${metric.what}, ${metric.old === undefined ? `of ${percent(old)} allowed` : `${percent(old)} before`}`;
  if (verdict === "failed") return `${seen}: worse by ${points(facts.new - old)}, more than chance explains.`;
  if (verdict === "passed") return `${seen}: a difference of ${points(effect)} would have been seen.`;
  if (!Number.isFinite(detectable)) return `${seen}: the planned looks are used up.`;
  const needed = Math.ceil(total * (detectable / effect) ** 2);
  return `${seen}: ${round(total)} events are too few to see a difference of ${points(effect)}, about ${round(needed)} are needed.`;
}

interface LevelFacts {
  readonly metric: LevelMetric;
  readonly verdict: ComparisonVerdict;
  readonly old: number;
  readonly new: number;
  /** True when it is at its limit. */
  readonly high: boolean;
}

/** Why a level passed, failed or could not be told. */
export function levelSentence({ metric, verdict, old, new: now, high }: LevelFacts): string {
  const value = (amount: number) => `${Number(amount.toPrecision(3))}${metric.unit}`;
  const seen = `${metric.what}: median peak ${value(now)}, ${value(old)} before`;
  if (verdict === "failed") return `${seen}, higher than chance explains.`;
  if (verdict === "unknown") return `${seen}, too few samples to tell.`;
  return high
    ? `${seen}, not ${metric.ratio} times as high.`
    : `${seen}, within the limit of ${value(metric.limit!)}.`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function points(share: number): string {
  return `${Number((share * 100).toPrecision(2))} points`;
}

function round(count: number): string {
  return String(count < 1000 ? Math.round(count) : Number(count.toPrecision(2)));
}
