import { formatDuration, NAMES } from "@seakeep/contract";
import type { Timing } from "../timing.ts";
import { badName, type RecordingRule, type RuleContext, ratioName, totalName } from "./rule.ts";

/** The longest window that is computed from raw series each time: 6 hours. Above it, recorded counts are summed. */
const LONGEST_RAW = 6 * 3_600_000;

const ascending = (windows: readonly number[]) => [...new Set(windows)].sort((a, b) => a - b);

/** Burn-rate windows of an SLO on one side of the raw limit, milliseconds, ascending. */
function windowsOf({ slo, timing }: RuleContext): { fast: number[]; slow: number[]; counted: number[] } {
  const burn = timing.burnWindows(slo.budget);
  const all = ascending(burn.flatMap(({ long, short }) => [long, short]));
  const isFast = (window: number) => window <= timing.span(LONGEST_RAW);
  return {
    fast: all.filter(isFast),
    slow: all.filter((window) => !isFast(window)),
    counted: ascending(burn.map(({ long }) => long)),
  };
}

/**
 * Error ratios over windows of up to six hours, straight from the service's series, and the counts of bad events that
 * alerts ask a minimum of.
 */
export function fastRules(context: RuleContext): RecordingRule[] {
  const { indicator, labels, series } = context;
  const { fast, counted } = windowsOf(context);
  const isCounted = (window: number) => counted.includes(window);
  const counts = fast.filter(isCounted).map((window) => ({
    record: badName(window),
    expr: indicator.bad(formatDuration(window)),
    labels,
  }));
  const ratios = fast.map((window) => {
    const text = formatDuration(window);
    const bad = isCounted(window) ? `sum(${series(badName(window))})` : `(${indicator.bad(text)})`;
    // No traffic must leave no ratio: 0/0 is NaN, and one NaN would stay for a whole period.
    return { record: ratioName(window), expr: `${bad} / (${indicator.total(text)} > 0)`, labels };
  });
  const own = (indicator.record ?? []).map(({ name, expr }) => ({ record: name, expr, labels }));
  return [...own, ...counts, ...ratios];
}

/**
 * Counts over disjoint steps, and the long windows as sums of them: weighted by traffic, whole across gaps, and cheap
 * over a month. An average of ratios would be none of these.
 */
export function slowRules(context: RuleContext): RecordingRule[] {
  const { indicator, labels, series, timing } = context;
  const { slow, counted } = windowsOf(context);
  const step = formatDuration(timing.slow);
  const bad = series(badName(timing.slow));
  const total = series(totalName(timing.slow));
  const over = (count: string, window: number) => `sum_over_time(${count}[${formatDuration(window)}])`;
  return [
    { record: badName(timing.slow), expr: indicator.bad(step), labels },
    // Only where the bad ones are known too: else what cannot be told would count as good.
    { record: totalName(timing.slow), expr: `(${indicator.total(step)}) and on () ${bad}`, labels },
    ...slow
      .filter((window) => counted.includes(window))
      .map((window) => ({ record: badName(window), expr: over(bad, window), labels })),
    ...ascending([...slow, timing.period]).map((window) => ({
      record: ratioName(window),
      expr: `${over(bad, window)} / (${over(total, window)} > 0)`,
      labels,
    })),
    {
      record: NAMES.rules.covered,
      expr: `clamp_max(count_over_time(${total}[${formatDuration(timing.period)}]) / ${timing.period / timing.slow}, 1)`,
      labels,
    },
  ];
}

const DAY = 86_400_000;

/** What the SLO promises and how it stands, under Sloth's names: dashboards made for those work. */
export function metaRules({ slo, service, timing, labels, series }: RuleContext): RecordingRule[] {
  const { rules } = NAMES;
  const constant = (value: number) => `vector(${value})`;
  // Written once a slow interval, which is as long as Prometheus remembers a sample.
  const latest = (name: string) => `last_over_time(${series(name)}[${formatDuration(3 * timing.slow)}])`;
  return [
    { record: rules.objective, expr: constant(percent(slo.objective)), labels },
    { record: rules.budget, expr: constant(slo.budget), labels },
    { record: rules.period, expr: constant(timing.period / DAY), labels },
    {
      record: rules.currentBurnRate,
      expr: `${series(ratioName(shortestOf(timing, slo.budget)))} / ${slo.budget}`,
      labels,
    },
    {
      record: rules.periodBurnRate,
      expr: `${latest(ratioName(timing.period))} / ${slo.budget}`,
      labels,
    },
    {
      record: rules.remaining,
      // What was not measured is not spent: an hour after its birth a service has most of its budget, whatever happened.
      expr: `1 - ${series(rules.periodBurnRate)} * ${latest(rules.covered)}`,
      labels,
    },
    {
      record: rules.info,
      expr: constant(1),
      labels: {
        ...labels,
        kind: slo.kind,
        objective: String(slo.objective),
        owner: service.owner,
      },
    },
  ];
}

function percent(objective: number): number {
  return Number((objective / 100).toPrecision(12));
}

function shortestOf(timing: Timing, budget: number): number {
  return Math.min(...timing.burnWindows(budget).map(({ short }) => short));
}
