import { expect, test } from "vitest";
import { seeded, shuffled } from "./random.ts";
import { median, spread } from "./stats.ts";

test("the median of an odd and of an even number of values", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 6])).toBe(5.5);
  expect(median([4])).toBe(4);
});

test("a spread is the median with the extremes, and needs a value", () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
  expect(() => spread([])).toThrow("Nothing was measured");
});

test("a shuffle keeps every item, and the same seed gives the same order", () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const order = shuffled(items, seeded(7));
  expect(order.toSorted()).toEqual(items);
  expect(order).not.toEqual(items);
  expect(shuffled(items, seeded(7))).toEqual(order);
});
