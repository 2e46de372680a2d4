import { describe, expect, it } from "vitest";
import { dealOut, defaultJobs } from "./jobs.ts";

const tables = (...sizes: number[]) => sizes.map((bytes) => ({ pattern: `t${bytes}`, bytes }));

describe("dealOut", () => {
  it("gives each worker about as much", () => {
    expect(dealOut(tables(10, 50, 30, 40), 0, 2)).toEqual([["t40", "t30"]]);
    expect(dealOut(tables(10, 50, 30, 40), 60, 3)).toEqual([
      ["t50", "t10"],
      ["t40", "t30"],
    ]);
  });

  it("leaves all to the first where others gain nothing", () => {
    expect(dealOut([], 100, 4)).toEqual([]);
    expect(dealOut(tables(10), 0, 4)).toEqual([]);
    expect(dealOut(tables(10, 20), 100, 1)).toEqual([]);
  });
});

describe("defaultJobs", () => {
  it("is one at least, and never a crowd", () => {
    expect(defaultJobs()).toBeGreaterThanOrEqual(1);
    expect(defaultJobs()).toBeLessThanOrEqual(8);
  });
});
