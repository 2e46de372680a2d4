import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import { holm } from "./holm.ts";
import { spend } from "./looks.ts";
import type { LevelMetric, ShareMetric, Slice } from "./metric.ts";

const SLICES = 32;
const slices = (bad: number, total: number): readonly Slice[] =>
  Array.from({ length: SLICES }, (_, index) => {
    const part = (whole: number) =>
      Math.floor(((index + 1) * whole) / SLICES) - Math.floor((index * whole) / SLICES);
    return { bad: part(bad), total: part(total) };
  });
const side = (bad: number, total: number, coverage = 1) => ({ slices: slices(bad, total), coverage });

type Sides = Partial<Pick<ShareMetric, "old" | "new" | "required" | "name" | "budget">>;
const errors = (sides: Sides): ShareMetric => ({
  kind: "share",
  name: "errors",
  what: "server errors",
  required: true,
  old: side(50, 10_000),
  new: side(50, 10_000),
  effect: { points: 0.01, ratio: 1.5 },
  ...sides,
});

const delays = (old: readonly number[], after: readonly number[]): LevelMetric => ({
  kind: "level",
  name: "event-loop-delay",
  what: "event-loop delay",
  required: false,
  old: { values: old, coverage: 1 },
  new: { values: after, coverage: 1 },
  ratio: 1.5,
  limit: 0.2,
  unit: " s",
});

const verdict = (sides: Sides): string => compare([errors(sides)]).verdict;

describe("a share", () => {
  test("passes when it is the same and enough was seen", () => {
    const { verdict: all, reason, metrics } = compare([errors({})]);
    expect([all, reason]).toEqual(["passed", "The new version is no worse: errors."]);
    expect(metrics[0]!.reason).toBe(
      "0.5 % server errors, 0.5 % before: a difference of 1 points would have been seen.",
    );
  });

  test("fails when it is worse by the declared effect", () => {
    const { verdict: all, metrics } = compare([errors({ new: side(150, 10_000) })]);
    expect(all).toBe("failed");
    expect(metrics[0]!.reason).toBe(
      "1.5 % server errors, 0.5 % before: worse by 1 points, more than chance explains.",
    );
  });

  test("is unknown on too few events, and says how many are needed; plain disaster still fails", () => {
    const few = compare([errors({ old: side(2, 400), new: side(2, 400) })]);
    expect(few.verdict).toBe("unknown");
    expect(few.metrics[0]!.reason).toMatch(
      /^0.5 % .*: 400 events are too few to see .* about \d+ are needed\.$/,
    );
    expect(verdict({ old: side(2, 400), new: side(200, 400) })).toBe("failed");
  });

  test("does not fail for a difference that is certain and small", () => {
    expect(verdict({ old: side(5000, 1_000_000), new: side(7000, 1_000_000) })).toBe("passed");
  });

  test("does not fail for one burst, which the exact test alone would call significant", () => {
    const burst = slices(0, 20_000).map((slice, index) => (index === 7 ? { ...slice, bad: 300 } : slice));
    const { metrics, verdict: all } = compare([
      errors({ old: side(0, 20_000), new: { slices: burst, coverage: 1 } }),
    ]);
    expect(all).toBe("unknown");
    expect(metrics[0]!.p).toBeGreaterThan(0.05);
  });

  test.each<[string, Sides]>([
    ["nothing was seen of the new version", { new: undefined }],
    ["nothing was seen of the old version", { old: undefined }],
    ["the new version had no traffic", { new: side(0, 0) }],
    ["the old version had no traffic", { old: side(0, 0) }],
    ["half of a window was not seen", { new: side(50, 10_000, 0.5) }],
    ["there are only a few slices", { new: { slices: slices(50, 10_000).slice(0, 5), coverage: 1 } }],
  ])("is unknown when %s", (_what, sides) => {
    const { verdict: all, metrics } = compare([errors(sides)]);
    expect([all, metrics[0]!.verdict]).toEqual(["unknown", "unknown"]);
    expect(metrics[0]!.reason).toMatch(/^[A-Z].*\.$/);
  });

  test("that is as bad as it was is no worse, whatever was promised: a rollback would mend nothing", () => {
    expect(verdict({ old: side(800, 10_000), new: side(800, 10_000), budget: 0.01 })).toBe("passed");
    expect(verdict({ old: side(800, 10_000), new: side(300, 10_000), budget: 0.01 })).toBe("passed");
  });

  test("of a first release is held to its budget", () => {
    const first = (bad: number, total: number, budget?: number) =>
      compare([errors({ old: undefined, new: side(bad, total), ...(budget && { budget }) })], { first: true })
        .verdict;
    expect([first(50, 10_000, 0.01), first(400, 10_000, 0.01)]).toEqual(["passed", "failed"]);
    expect([first(50, 10_000), first(1, 200, 0.01)]).toEqual(["unknown", "unknown"]);
  });

  test("of security events may be more than one a request", () => {
    const flood = slices(30_000, 10_000);
    expect(verdict({ old: side(10, 10_000), new: { slices: flood, coverage: 1 } })).toBe("failed");
  });
});

describe("a level", () => {
  const values = (base: number) =>
    Array.from({ length: SLICES }, (_, index) => base * (1 + (index % 5) / 20));

  test("fails when it is much higher and its usual peak is at the limit, and only then", () => {
    const level = (old: number, now: number) =>
      compare([errors({}), delays(values(old), values(now))]).verdict;
    expect(level(0.03, 0.2)).toBe("failed");
    expect(level(0.03, 0.15)).toBe("passed");
    expect(level(0.003, 0.018)).toBe("passed");
    expect(level(0.19, 0.2)).toBe("passed");
    expect(level(0.18, 0.03)).toBe("passed");
  });

  test("is unknown on too few values, and does not stand in the way of the others", () => {
    const { verdict: all, metrics } = compare([errors({}), delays([0.01, 0.02], values(0.01))]);
    expect([all, metrics[1]!.verdict]).toEqual(["passed", "unknown"]);
  });
});

describe("several metrics", () => {
  test("nothing to compare is no pass", () => {
    expect(compare([]).verdict).toBe("unknown");
    expect(compare([errors({ required: false })]).verdict).toBe("unknown");
  });

  test("one that failed outweighs one that cannot be told; one that is required outweighs a pass", () => {
    const bad = errors({ name: "a", new: side(400, 10_000) });
    const blind = errors({ name: "b", new: undefined });
    expect(compare([bad, blind]).verdict).toBe("failed");
    expect(compare([errors({}), blind]).verdict).toBe("unknown");
    expect(compare([errors({}), { ...blind, required: false }]).verdict).toBe("passed");
  });

  test("Holm's procedure, on the example of its article's form", () => {
    const results = holm([0.01, 0.04, 0.03, 0.005], 0.05);
    expect(results.map(({ significant }) => significant)).toEqual([true, false, false, true]);
    expect(results[3]!.level).toBeCloseTo(0.0125, 12);
    expect(results[0]!.level).toBeCloseTo(0.05 / 3, 12);
    expect(holm([], 0.05)).toEqual([]);
  });
});

describe("looks", () => {
  test("spend alpha between them, most of it last", () => {
    const parts = [1, 2, 3, 4, 5].map((index) => spend(0.01, { index, planned: 5 }));
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(0.01, 12);
    for (const [index, part] of parts.entries()) expect(part).toBeGreaterThan(parts[index - 1] ?? 0);
    expect(spend(0.01, { index: 1, planned: 1 })).toBeCloseTo(0.01, 12);
    expect(spend(0.01, { index: 6, planned: 5 })).toBe(0);
  });

  test("the first of many needs more to fail and more to pass", () => {
    const at = (index: number, bad: number, total: number) =>
      compare([errors({ old: side(50, total), new: side(bad, total) })], { look: { index, planned: 5 } })
        .verdict;
    expect([at(1, 50, 10_000), at(5, 50, 10_000)]).toEqual(["unknown", "passed"]);
    expect([at(1, 130, 10_000), at(5, 130, 10_000)]).toEqual(["unknown", "failed"]);
    expect(at(1, 3000, 10_000)).toBe("failed");
  });

  test("beyond those that were planned tell nothing", () => {
    const beyond = compare([errors({})], { look: { index: 6, planned: 5 } });
    expect([beyond.verdict, beyond.reason]).toEqual([
      "unknown",
      "All 5 planned looks are used up; another one would only be fishing for a pass.",
    ]);
  });
});
