import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cells, type Row } from "./cells.ts";

const EDGES = [0.1, 0.5, 1];

function counts(cells: Cells, row: Row): number[] {
  return [...row.cells.subarray(row.start, row.start + cells.buckets)];
}

describe("a row", () => {
  it("counts a duration in the first bucket whose edge is not below it", () => {
    const cells = new Cells(EDGES);
    const row = cells.row(200);
    for (const seconds of [0, 0.1, 0.1000001, 0.5, 1, 1.5]) cells.add(row, seconds);
    expect(counts(cells, row)).toEqual([2, 2, 1, 1]);
    expect(cells.count(row)).toBe(6);
    expect(cells.sum(row)).toBeCloseTo(3.2, 6);
  });

  it.each([Number.NaN, -1, -1e-9, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "counts %d as slower than every edge and keeps its sum a number",
    (seconds) => {
      const cells = new Cells(EDGES);
      const row = cells.row(200);
      expect(cells.add(row, 0.25)).toBe(true);
      expect(cells.add(row, seconds)).toBe(false);
      expect(counts(cells, row)).toEqual([0, 1, 0, 1]);
      expect(cells.sum(row)).toBe(0.25);
    },
  );

  it("shares no cell with another, however many there are", () => {
    const durations = fc.array(fc.tuple(fc.nat(199), fc.double({ min: 0, max: 2, noNaN: true })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(durations, (adds) => {
        const cells = new Cells(EDGES);
        const rows = Array.from({ length: 200 }, () => cells.row(200));
        const sums = new Array<number>(200).fill(0);
        const totals = new Array<number>(200).fill(0);
        for (const [index, seconds] of adds) {
          cells.add(rows[index]!, seconds);
          sums[index]! += seconds;
          totals[index]! += 1;
        }
        expect(rows.map((row) => cells.sum(row))).toEqual(sums);
        expect(rows.map((row) => cells.count(row))).toEqual(totals);
      }),
      { numRuns: 50 },
    );
  });
});
