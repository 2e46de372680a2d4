import { expect, test } from "vitest";
import { type Budget, exitCode, judge, type Verdict } from "./budgets.ts";

const spread = { median: 1.1, low: 1.05, high: 1.2 };

test("a verdict takes the whole spread", () => {
  expect(judge(spread, 1.2)).toBe("met");
  expect(judge(spread, 1.04)).toBe("missed");
  expect(judge(spread, 1.05)).toBe("unclear");
  expect(judge(spread, 1.1)).toBe("unclear");
});

test("without a trusted control nothing is met and nothing is missed", () => {
  expect(judge(spread, 2, false)).toBe("unclear");
  expect(judge(spread, 1, false)).toBe("unclear");
});

test("a figure that is no number is never met", () => {
  expect(judge({ median: Number.NaN, low: Number.NaN, high: Number.NaN }, 1)).toBe("unclear");
});

test.each<[Verdict[], number]>([
  [["met", "met"], 0],
  [["met", "unclear"], 3],
  [["unclear", "missed"], 1],
  [[], 3],
])("verdicts %j end with exit code %i", (verdicts, code) => {
  const budgets = verdicts.map(
    (verdict): Budget => ({ what: "", atMost: 1, measured: spread, verdict, format: String }),
  );
  expect(exitCode(budgets)).toBe(code);
});
