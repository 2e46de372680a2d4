import { type Budget, CONTROL, judge, LIMITS } from "../budgets.ts";
import { median, spread } from "../harness/stats.ts";
import type { Run, Section, Table } from "../report.ts";
import { type Effort, type Measured, measure } from "./measure.ts";
import { FRAMEWORKS, type Framework, nameOf, VARIANTS, type Variant } from "./variants.ts";

const FULL: Effort = { batches: 5, rounds: 20, warmUp: 6_000 };
const QUICK: Effort = { batches: 1, rounds: 20, warmUp: 4_000 };

const ratio = (value: number): string => value.toFixed(2);

export async function requests({ quick, progress }: Run): Promise<Section> {
  const effort = quick ? QUICK : FULL;
  const measured = await measure(effort, progress);
  const frameworks = Object.keys(FRAMEWORKS) as Framework[];
  const of = (framework: Framework) => measured.filter((one) => one.framework === framework);
  return {
    name: "CPU per request",
    note:
      "Over the mean of two bare servers of the same framework in the same round; the median of " +
      `${effort.batches} batch${effort.batches === 1 ? "" : "es"}, and the lowest and highest batch. ` +
      "What the two (an A/A control) are apart is noise.",
    tables: frameworks.map((framework) => tableOf(framework, of(framework))),
    figures: measured,
    budgets: frameworks.flatMap((framework) => budgetsOf(framework, of(framework))),
  };
}

function tableOf(framework: Framework, measured: readonly Measured[]): Table {
  return {
    columns: [framework, "ratio", "lowest to highest", "us"],
    rows: VARIANTS.map((variant) => {
      const batches = measured.filter((one) => one.variant === variant);
      const over = spread(batches.map((one) => one.ratio));
      const microseconds = median(batches.map((one) => one.microseconds));
      return [
        nameOf(framework, variant),
        ratio(over.median),
        `${ratio(over.low)} to ${ratio(over.high)}`,
        microseconds.toFixed(1),
      ];
    }),
  };
}

function budgetsOf(framework: Framework, measured: readonly Measured[]): Budget[] {
  const batches = (variant: Variant) =>
    measured.filter((one) => one.variant === variant).map((one) => one.ratio);
  const [bare, floor, quiet, seakeep, both] = (["bare", "floor", "quiet", "seakeep", "both"] as const).map(
    batches,
  ) as [number[], number[], number[], number[], number[]];
  const noise = median(batches("control").map((value, at) => value / bare[at]!));
  const trusted = noise >= CONTROL.low && noise <= CONTROL.high;
  const budget = (what: string, atMost: number, values: number[]): Budget => {
    const over = spread(values);
    return {
      what: `${framework}: ${what}`,
      atMost,
      measured: over,
      verdict: judge(over, atMost, trusted),
      format: ratio,
    };
  };
  return [
    budget(
      "Seakeep, log off / by hand",
      LIMITS.quietOverFloor,
      quiet.map((value, at) => value / floor[at]!),
    ),
    budget(
      "Seakeep / by hand",
      LIMITS.defaultOverFloor,
      seakeep.map((value, at) => value / floor[at]!),
    ),
    budget(
      "overhead of Seakeep / of the peers",
      LIMITS.shareOfPeers,
      seakeep.map((value, at) => (value - 1) / (both[at]! - 1)),
    ),
  ];
}
