import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  type BurnWindow,
  budgetSpent,
  burnWindows,
  LOWEST_PAGING_OBJECTIVE,
  periodDivides,
  timeToAlert,
  timeToExhaustion,
} from "./budget.ts";
import { errorBudget } from "./units.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const period = fc
  .constantFrom(7, 14, 21, ...Array.from({ length: 63 }, (_, n) => 28 + n))
  .map((days) => days * DAY);
/** Objectives that validation lets page, as people write them: up to four decimals. */
const objective = fc.integer({ min: LOWEST_PAGING_OBJECTIVE * 10_000, max: 999_999 }).map((n) => n / 10_000);

const everyWindow = (check: (window: BurnWindow, budget: number, period: number) => void): void => {
  fc.assert(
    fc.property(objective, period, (percent, length) => {
      const budget = errorBudget(percent);
      for (const window of burnWindows(budget, length)) check(window, budget, length);
    }),
  );
};

describe("burnWindows", () => {
  it("are the workbook's for 99.9 % over 30 days", () => {
    expect(burnWindows(0.001, 30 * DAY)).toEqual([
      {
        severity: "page",
        long: HOUR,
        short: 5 * MINUTE,
        budgetShare: 0.02,
        threshold: 0.0144,
        factor: 14.4,
        capped: false,
      },
      {
        severity: "page",
        long: 6 * HOUR,
        short: 30 * MINUTE,
        budgetShare: 0.05,
        threshold: 0.006,
        factor: 6,
        capped: false,
      },
      {
        severity: "ticket",
        long: DAY,
        short: 2 * HOUR,
        budgetShare: 0.1,
        threshold: 0.003,
        factor: 3,
        capped: false,
      },
      {
        severity: "ticket",
        long: 3 * DAY,
        short: 6 * HOUR,
        budgetShare: 0.1,
        threshold: 0.001,
        factor: 1,
        capped: false,
      },
    ]);
  });

  it("spend exactly their budget share when a steady burn at the threshold fills the long window", () => {
    everyWindow((window, budget, length) => {
      expect(budgetSpent(window.threshold, window.long, budget, length)).toBeCloseTo(window.budgetShare, 9);
    });
  });

  it("have a factor that is the threshold in budgets", () => {
    everyWindow(({ factor, threshold }, budget) => {
      expect(factor * budget).toBeCloseTo(threshold, 9);
    });
  });

  it("page only at twice the budget or more, for every objective that validation lets page", () => {
    everyWindow(({ threshold, severity }, budget) => {
      if (severity === "page") expect(threshold).toBeGreaterThanOrEqual(2 * budget * (1 - 1e-9));
    });
  });

  it("can all be reached: a page by a quarter of the events failing, a ticket by half", () => {
    everyWindow(({ threshold, severity, capped }, budget) => {
      const cap = severity === "page" ? 0.25 : 0.5;
      expect(threshold).toBeGreaterThanOrEqual(budget * (1 - 1e-9));
      expect(threshold).toBeLessThanOrEqual(cap);
      if (capped) expect(threshold).toBe(cap);
    });
  });

  it("can be reached by tickets of any objective, however low", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), period, (percent, length) => {
        const budget = errorBudget(percent);
        for (const { severity, threshold } of burnWindows(budget, length)) {
          if (severity === "ticket") expect(threshold).toBeLessThan(1);
          expect(threshold).toBeGreaterThanOrEqual(budget);
        }
      }),
    );
  });

  it("keep the workbook's budget shares, but cost less when capped and never fire below a burn rate of 1", () => {
    fc.assert(
      fc.property(objective, period, (percent, length) => {
        const shares = [0.02, 0.05, 0.1, 0.1];
        for (const [index, { budgetShare, capped, factor }] of burnWindows(
          errorBudget(percent),
          length,
        ).entries()) {
          if (capped) expect(budgetShare).toBeLessThan(shares[index]!);
          else if (factor <= 1) expect(budgetShare).toBeGreaterThanOrEqual(shares[index]! - 1e-9);
          else expect(budgetShare).toBeCloseTo(shares[index]!, 9);
        }
      }),
    );
  });

  it("open no ticket over 28 days for a service that keeps its promise", () => {
    expect(burnWindows(0.01, 28 * DAY)[3]).toMatchObject({
      factor: 1,
      threshold: 0.01,
      budgetShare: 0.107142857143,
    });
  });

  it("are whole seconds, short is a twelfth of long, and each is longer than the one before", () => {
    fc.assert(
      fc.property(objective, period, (percent, length) => {
        const windows = burnWindows(errorBudget(percent), length);
        for (const [index, { long, short }] of windows.entries()) {
          expect(long % 1000).toBe(0);
          expect(short % 1000).toBe(0);
          expect(short * 12).toBe(long);
          expect(long).toBeGreaterThan(windows[index - 1]?.long ?? 0);
          expect(long).toBeLessThan(length);
        }
      }),
    );
  });

  it("never page at burn rates that spend the budget no faster than it is given", () => {
    everyWindow((window, budget) => {
      if (window.severity === "page") expect(timeToAlert(window, budget)).toBeUndefined();
    });
  });
});

describe("LOWEST_PAGING_OBJECTIVE", () => {
  it("is the objective at which the cap is twice the budget", () => {
    expect(LOWEST_PAGING_OBJECTIVE).toBe(87.5);
    expect(burnWindows(errorBudget(LOWEST_PAGING_OBJECTIVE), 30 * DAY)[0]).toMatchObject({
      factor: 2,
      threshold: 0.25,
    });
  });
});

describe("periodDivides", () => {
  test.each([7, 14, 21, 28, 30, 31, 90])("accepts %d days", (days) => {
    expect(periodDivides(days * DAY)).toBe(true);
  });

  test.each([1, 8, 10, 15, 27])("refuses %d days", (days) => {
    expect(periodDivides(days * DAY)).toBe(false);
  });
});

describe("timeToAlert", () => {
  const [fast] = burnWindows(0.01, 30 * DAY);

  it("is 8.64 minutes for a total outage against 99 %", () => {
    expect(timeToAlert(fast!, 1)! / MINUTE).toBeCloseTo(8.64, 9);
  });

  it("is never at the threshold itself, below it, or when nothing is known", () => {
    expect(timeToAlert(fast!, fast!.threshold)).toBeUndefined();
    expect(timeToAlert(fast!, 0)).toBeUndefined();
    expect(timeToAlert(fast!, Number.NaN)).toBeUndefined();
  });

  it("is shorter the more events are bad, and at most the long window", () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(objective, period, ratio, ratio, (percent, length, one, other) => {
        for (const window of burnWindows(errorBudget(percent), length)) {
          const mild = timeToAlert(window, Math.min(one, other)) ?? Number.POSITIVE_INFINITY;
          const harsh = timeToAlert(window, Math.max(one, other)) ?? Number.POSITIVE_INFINITY;
          expect(harsh).toBeLessThanOrEqual(mild);
          if (harsh !== Number.POSITIVE_INFINITY) expect(harsh).toBeLessThanOrEqual(window.long);
        }
      }),
    );
  });

  it("pages for a total outage within a quarter of the long window, whatever the objective", () => {
    everyWindow((window) => {
      if (window.severity === "page") expect(timeToAlert(window, 1)).toBeLessThanOrEqual(window.long / 4);
    });
  });
});

describe("budgetSpent and timeToExhaustion", () => {
  it("spend the whole budget in one period at a burn rate of 1", () => {
    expect(budgetSpent(0.001, 30 * DAY, 0.001, 30 * DAY)).toBe(1);
    expect(timeToExhaustion(1, 1, 30 * DAY)).toBe(30 * DAY);
  });

  it("agree: what is left after a time is what the time to exhaustion was without it", () => {
    const burn = fc.double({ min: 0.1, max: 1000, noNaN: true });
    fc.assert(
      fc.property(
        objective,
        period,
        burn,
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (percent, length, rate, part) => {
          const budget = errorBudget(percent);
          const whole = timeToExhaustion(1, rate, length);
          const elapsed = whole * part;
          const left = 1 - budgetSpent(rate * budget, elapsed, budget, length);
          expect(timeToExhaustion(left, rate, length) + elapsed).toBeCloseTo(whole, 0);
        },
      ),
    );
  });

  it("are now when nothing is left, and never when nothing burns", () => {
    expect(timeToExhaustion(0, 5, DAY)).toBe(0);
    expect(timeToExhaustion(-0.5, 0, DAY)).toBe(0);
    expect(timeToExhaustion(0.5, 0, DAY)).toBe(Number.POSITIVE_INFINITY);
  });
});
