import { holm } from "./holm.ts";
import { type LevelTest, testLevels } from "./levels.ts";
import { type Look, spend } from "./looks.ts";
import type { ComparisonVerdict, LevelMetric, Metric, ShareMetric } from "./metric.ts";
import { levelSentence, shareSentence } from "./sentences.ts";
import { type ShareTest, testShares } from "./shares.ts";

/** How sure a comparison must be. */
export interface CompareRules {
  /** Most often that an equal release fails, over all metrics and all looks; default 0.01. */
  readonly alpha?: number;
  /** How often a release that is worse by the declared effect is found, at least; default 0.95. */
  readonly power?: number;
  /** Least share of each window that must have been seen; default 0.8. */
  readonly coverage?: number;
  /** Which look at growing data this is; default: the only one. */
  readonly look?: Look;
  /** There is no old version: the new one is held to the budgets of its SLOs alone. Default false. */
  readonly first?: boolean;
}

/** What became of one metric. */
export interface MetricComparison {
  readonly name: string;
  readonly verdict: ComparisonVerdict;
  /** One sentence: what was seen, and why that decides. */
  readonly reason: string;
  readonly required: boolean;
  /** Shares or medians; absent where nothing was seen. */
  readonly old?: number;
  readonly new?: number;
  readonly p?: number;
  /** What the p-value had to reach to count. */
  readonly level?: number;
  /** The difference that was asked about, and the smallest that would have been found with the wanted power. */
  readonly effect?: number;
  readonly detectable?: number;
}

/** What became of a release. */
export interface Comparison {
  readonly verdict: ComparisonVerdict;
  /** One sentence. */
  readonly reason: string;
  readonly metrics: readonly MetricComparison[];
  readonly look: Look;
}

/** Bad events of the new version without which no share is called worse: one retrying client is none. */
const FEWEST_BAD = 5;

/** A difference counts as bad from this part of the declared effect on: significant is not yet relevant. */
const RELEVANT = 0.5;

type Judged =
  | { readonly metric: Metric; readonly blind: string }
  | { readonly metric: ShareMetric; readonly share: ShareTest; readonly effect: number; readonly bad: number }
  | { readonly metric: LevelMetric; readonly levels: LevelTest };

/**
 * Says whether a new version is worse than the old one. It failed when some metric is significantly worse, by at least half
 * of the effect that was declared. It passed when nothing is, and the declared effect would have been seen. Otherwise
 * nobody can tell yet.
 *
 * Not passed on what was not seen, nor on too little; not failed by being bad where the old version was as bad.
 *
 * @example
 * compare([{ kind: "share", name: "errors", what: "server errors", required: true, old, new: after, effect }]).verdict;
 */
export function compare(metrics: readonly Metric[], rules: CompareRules = {}): Comparison {
  const { alpha = 0.01, power = 0.95, look = { index: 1, planned: 1 } } = rules;
  const level = spend(alpha, look);
  // Each look may miss its part of what all of them together may miss.
  const lookPower = 1 - (1 - power) / look.planned;
  const judged = metrics.map((metric) => judge(metric, rules));
  const tested = judged.filter((each): each is Exclude<Judged, { blind: string }> => !("blind" in each));
  const significance = holm(
    tested.map((each) => ("share" in each ? each.share.p : each.levels.p)),
    level,
  );
  const results = judged.map((each): MetricComparison => {
    const { name, required } = each.metric;
    if ("blind" in each) return { name, required, verdict: "unknown", reason: each.blind };
    const found = significance[tested.indexOf(each)]!;
    const strictest = level / tested.length;
    return "share" in each
      ? concludeShare(each, found, { strictest, power: lookPower })
      : concludeLevels(each, found, strictest);
  });
  return { ...conclude(results, look), metrics: results, look };
}

function judge(metric: Metric, { coverage: least = 0.8, first = false }: CompareRules): Judged {
  const blind = (reason: string) => ({ metric, blind: reason });
  const { new: after } = metric;
  if (after === undefined) return blind("Nothing was seen of the new version.");
  if (after.coverage < least) return blind(seenTooLittle("new", after.coverage));
  if (first) {
    if (metric.kind === "level" || metric.budget === undefined) {
      return blind("There is no old version to compare with.");
    }
    const share = testShares(metric.budget, metric.new!.slices);
    if (share === undefined) return blind("The new version has too few events, or too few scrapes.");
    return { metric, share, effect: effectOf(metric, share.old), bad: badOf(metric) };
  }
  const { old } = metric;
  if (old === undefined) return blind("Nothing was seen of the old version.");
  if (old.coverage < least) return blind(seenTooLittle("old", old.coverage));
  const few = blind("One of the versions has too few events, or too few scrapes.");
  if (metric.kind === "level") {
    const levels = testLevels(metric.old!.values, metric.new!.values);
    return levels === undefined ? few : { metric, levels };
  }
  const share = testShares(metric.old!.slices, metric.new!.slices);
  if (share === undefined) return few;
  return { metric, share, effect: effectOf(metric, share.old), bad: badOf(metric) };
}

function seenTooLittle(which: "old" | "new", coverage: number): string {
  return `Only ${Math.floor(coverage * 100)} % of the ${which} version's window was seen.`;
}

function effectOf({ effect: { points, ratio } }: ShareMetric, before: number): number {
  return Math.max(points, before * (ratio - 1));
}

function badOf({ new: after }: ShareMetric): number {
  return (after?.slices ?? []).reduce((sum, { bad }) => sum + bad, 0);
}

function concludeShare(
  { metric, share, effect, bad }: Extract<Judged, { share: ShareTest }>,
  { significant, level }: { significant: boolean; level: number },
  { strictest, power }: { strictest: number; power: number },
): MetricComparison {
  const relevant = share.new - share.old >= RELEVANT * effect && bad >= FEWEST_BAD;
  const detectable = strictest > 0 ? share.detectable(strictest, power, effect) : Number.POSITIVE_INFINITY;
  const verdict =
    significant && relevant
      ? ("failed" as const)
      : detectable <= effect
        ? ("passed" as const)
        : ("unknown" as const);
  const total = (metric.new?.slices ?? []).reduce((sum, slice) => sum + slice.total, 0);
  const facts = { old: share.old, new: share.new, p: share.p, level, effect, detectable };
  return {
    name: metric.name,
    required: metric.required,
    verdict,
    reason: shareSentence({ ...facts, metric, verdict, total }),
    ...facts,
  };
}

function concludeLevels(
  { metric, levels }: Extract<Judged, { levels: LevelTest }>,
  { significant, level }: { significant: boolean; level: number },
  strictest: number,
): MetricComparison {
  const high = metric.limit === undefined || levels.new >= metric.limit;
  const relevant = high && levels.new > levels.old && levels.new >= levels.old * metric.ratio;
  // So few values that no difference could have counted.
  const blind = levels.least > strictest;
  const verdict =
    significant && relevant ? ("failed" as const) : blind ? ("unknown" as const) : ("passed" as const);
  const facts = { old: levels.old, new: levels.new, p: levels.p, level };
  return {
    name: metric.name,
    required: metric.required,
    verdict,
    reason: levelSentence({ ...facts, metric, verdict, high }),
    ...facts,
  };
}

/** Failure dominates not knowing; nothing that was seen is no pass. */
function conclude(
  results: readonly MetricComparison[],
  look: Look,
): { verdict: ComparisonVerdict; reason: string } {
  const names = (verdict: ComparisonVerdict, list = results) =>
    list.filter((result) => result.verdict === verdict).map(({ name }) => name);
  const failed = names("failed");
  if (failed.length > 0) {
    return { verdict: "failed", reason: `The new version is worse: ${failed.join(", ")}.` };
  }
  const needed = results.filter(({ required }) => required);
  const open = names("unknown", needed);
  if (look.index > look.planned) {
    const reason = `All ${look.planned} planned looks are used up; another one would only be fishing for a pass.`;
    return { verdict: "unknown", reason };
  }
  if (open.length > 0) return { verdict: "unknown", reason: `Too little is known of ${open.join(", ")}.` };
  const passed = names("passed");
  if (passed.length === 0 || needed.length === 0) {
    return { verdict: "unknown", reason: "Nothing could be compared." };
  }
  return { verdict: "passed", reason: `The new version is no worse: ${passed.join(", ")}.` };
}
