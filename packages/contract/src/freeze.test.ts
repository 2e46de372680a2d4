import { expect, it } from "vitest";
import { deepFreeze } from "./freeze.ts";

it("freezes to the bottom, cycles included, and leaves functions alone", () => {
  const run = (): number => 1;
  const value: { list: { inner: { a: number }[] }; self?: unknown; run: () => number } = {
    list: { inner: [{ a: 1 }] },
    run,
  };
  value.self = value;
  expect(deepFreeze(value)).toBe(value);
  expect(() => value.list.inner.push({ a: 2 })).toThrow(TypeError);
  expect(() => Object.assign(value.list.inner[0]!, { a: 2 })).toThrow(TypeError);
  expect(Object.isFrozen(run)).toBe(false);
  expect(deepFreeze(null)).toBeNull();
  expect(deepFreeze("text")).toBe("text");
});
