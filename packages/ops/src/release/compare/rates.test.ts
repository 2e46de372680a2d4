import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import type { ComparisonVerdict, Metric } from "./metric.ts";
import { MODELS, release, type Scenario } from "./traffic.testkit.ts";

/** How many equal releases of each kind of traffic, in the usual window; script/compare asks for 10,000, which takes minutes. */
const asked = process.env.SEAKEEP_COMPARE_RUNS;
const RUNS = Number(asked ?? 15);
/** How many of everything else. */
const FEWER = asked === undefined ? RUNS : Math.ceil(RUNS / 10);

/**
 * What the declared effects ask for: more requests where they come in bursts or at night, longer windows where what goes
 * wrong goes wrong for minutes. Requests a minute, minutes a slice.
 */
const ENOUGH: Readonly<Record<string, Scenario>> = {
  independent: { rate: 600, slice: 1 },
  diurnal: { rate: 3000, slice: 1 },
  bursty: { rate: 6000, slice: 1 },
  autocorrelated: { rate: 600, slice: 8 },
  outages: { rate: 600, slice: 64 },
  stormy: { rate: 1000, slice: 32 },
};
const HALF_AN_HOUR: Scenario = { rate: 600, slice: 1 };

/** In every test run those whose windows are short. */
const tried = Object.entries(ENOUGH).filter(([, { slice }]) => asked !== undefined || slice === 1);

type Rates = Readonly<Record<ComparisonVerdict, number>>;

/** Shares of verdicts over many releases. */
function rates(model: string, scenario: Scenario, seed: number, runs: number = FEWER): Rates {
  const counts = { passed: 0, failed: 0, unknown: 0 };
  for (let run = 0; run < runs; run++) {
    const metrics = release(model, scenario, seed + run);
    counts[compare(metrics).verdict] += 1 / runs;
  }
  if (asked !== undefined) {
    const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
    const { errors = 0, slow = 0, rate, slice } = scenario;
    const worse = errors > 0 ? "1 point more errors" : slow > 0 ? "5 points more slow" : "equal";
    process.stdout.write(
      `${runs} x ${model}, ${rate} requests a minute, windows of ${32 * slice} minutes, ${worse}: ` +
        `failed ${percent(counts.failed)}, passed ${percent(counts.passed)}, unknown ${percent(counts.unknown)}\n`,
    );
  }
  return counts;
}

/** What chance adds to a share that is seen in few runs: three standard deviations. */
const slack = (share: number, runs: number = FEWER): number => 3 * Math.sqrt((share * (1 - share)) / runs);

/** Looks five times at a window that fills, until a verdict. */
function lookAgain(model: string, scenario: Scenario, seed: number): ComparisonVerdict {
  const planned = 5;
  const metrics = release(model, scenario, seed);
  for (let index = 1; index <= planned; index++) {
    const so = <T>(list: readonly T[]) => list.slice(0, Math.ceil((list.length * index) / planned));
    const seen = metrics.map(
      (metric): Metric =>
        metric.kind === "share"
          ? { ...metric, new: { coverage: 1, slices: so(metric.new!.slices) } }
          : { ...metric, new: { coverage: 1, values: so(metric.new!.values) } },
    );
    const { verdict } = compare(seen, { look: { index, planned } });
    if (verdict !== "unknown") return verdict;
  }
  return "unknown";
}

describe.each(tried)("%s traffic", (model, enough) => {
  test("equal releases fail in at most one of a hundred", () => {
    const { failed } = rates(model, HALF_AN_HOUR, 5_000_000, RUNS);
    expect(failed).toBeLessThanOrEqual(0.01 + (asked === undefined ? slack(0.01, RUNS) : 0));
    for (const scenario of [enough, { ...HALF_AN_HOUR, rate: 100 }, { ...HALF_AN_HOUR, rate: 6000 }]) {
      expect(rates(model, scenario, 1_000_000).failed).toBeLessThanOrEqual(0.01 + slack(0.01));
    }
  });

  test("releases that are worse by the declared effect fail in at least 95 of a hundred", () => {
    const errors = rates(model, { ...enough, errors: 0.01 }, 2_000_000);
    expect(errors.failed).toBeGreaterThanOrEqual(0.95 - slack(0.05));
    const slow = rates(model, { ...enough, slow: 0.05 }, 3_000_000);
    expect(slow.failed).toBeGreaterThanOrEqual(0.95 - slack(0.05));
  });

  test("too little traffic does not pass what is worse", () => {
    for (const rate of [10, 100, HALF_AN_HOUR.rate]) {
      const { passed } = rates(model, { ...HALF_AN_HOUR, rate, errors: 0.01 }, 4_000_000);
      expect(passed).toBeLessThanOrEqual(0.05 + slack(0.05));
    }
  });
});

describe("five looks, the first verdict taken", () => {
  const model = "independent";
  const after = (scenario: Scenario, seed: number, verdict: ComparisonVerdict) => {
    let count = 0;
    for (let run = 0; run < FEWER; run++) {
      if (lookAgain(model, scenario, seed + run) === verdict) count += 1;
    }
    if (asked !== undefined) {
      const what = scenario.errors === undefined ? "equal" : "1 point more errors";
      process.stdout.write(`five looks, ${what}: ${verdict} ${((100 * count) / FEWER).toFixed(2)} %\n`);
    }
    return count / FEWER;
  };

  test("fail no more equal releases than one look", () => {
    expect(after(HALF_AN_HOUR, 6_000_000, "failed")).toBeLessThanOrEqual(0.01 + slack(0.01));
  });

  test("pass no more of those that are worse", () => {
    const worse = { ...HALF_AN_HOUR, errors: 0.01 };
    expect(after(worse, 7_000_000, "passed")).toBeLessThanOrEqual(0.05 + slack(0.05));
    expect(after(worse, 7_000_000, "failed")).toBeGreaterThanOrEqual(0.95 - slack(0.05));
  });
});

test("every model of traffic is among them", () => expect(Object.keys(ENOUGH)).toEqual(Object.keys(MODELS)));
