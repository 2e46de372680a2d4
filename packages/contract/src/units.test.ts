import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { errorBudget, formatDuration, milliseconds, round } from "./units.ts";

describe("milliseconds", () => {
  test.each([
    ["500ms", 500],
    ["1.5s", 1500],
    ["1.1s", 1100],
    ["90s", 90_000],
    ["5m", 300_000],
    ["24h", 86_400_000],
    ["30d", 2_592_000_000],
    ["2w", 1_209_600_000],
    ["0s", 0],
  ])("reads %s", (text, expected) => {
    expect(milliseconds(text)).toBe(expected);
  });

  test.each([
    "",
    "5",
    "s",
    "-1s",
    "+1s",
    "1 s",
    " 1s",
    "1s\n",
    "1S",
    "1min",
    "1h30m",
    "1e3s",
    ".5s",
    "5.s",
    "0x10s",
    "٣s",
    "NaNs",
    "Infinitys",
  ])("refuses %j", (text) => {
    expect(milliseconds(text)).toBeUndefined();
  });

  it("refuses what is no whole number of milliseconds, instead of rounding a promise", () => {
    expect(milliseconds("1.5ms")).toBeUndefined();
    expect(milliseconds("0.0001s")).toBeUndefined();
  });

  it("refuses what a number cannot hold exactly, and absurdly long text", () => {
    expect(milliseconds("9007199254740993ms")).toBeUndefined();
    expect(milliseconds(`${"9".repeat(31)}d`)).toBeUndefined();
    expect(milliseconds(`${"1".repeat(1_000_000)}s`)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0s"],
    [0.1 + 0.2, "0.3ms"],
    [500, "500ms"],
    [1500, "1500ms"],
    [90_000, "90s"],
    [300_000, "5m"],
    [3_600_000, "1h"],
    [86_400_000, "1d"],
    [1_209_600_000, "14d"],
  ])("writes %d as %s", (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  it("is read back as the same duration", () => {
    fc.assert(
      fc.property(fc.nat({ max: 4_000_000_000_000 }), (ms) => {
        expect(milliseconds(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it("is read back as the same duration for whole amounts of each unit", () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.constantFrom("ms", "s", "m", "h", "d", "w"), (amount, unit) => {
        const ms = milliseconds(`${amount}${unit}`)!;
        expect(milliseconds(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe("errorBudget", () => {
  test.each([
    [99.9, 0.001],
    [99.95, 0.0005],
    [99, 0.01],
    [95, 0.05],
    [87.5, 0.125],
  ])("of %d %% is %d, without binary noise", (objective, budget) => {
    expect(errorBudget(objective)).toBe(budget);
  });

  it("is above 0 and below 1 for every objective between 0 and 100", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 100, minExcluded: true, maxExcluded: true, noNaN: true }),
        (objective) => {
          expect(errorBudget(objective)).toBeGreaterThan(0);
          expect(errorBudget(objective)).toBeLessThan(1);
        },
      ),
    );
  });
});

it("round drops the noise of binary fractions and keeps what was written", () => {
  expect(round(0.1 + 0.2)).toBe(0.3);
  expect(round(100 - 99.9)).toBe(0.1);
  expect(round(14.4)).toBe(14.4);
});
