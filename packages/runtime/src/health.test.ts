import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHealth } from "./health.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = () => Date.now();
const never = () => new Promise(() => {});

test("a check is up unless it throws, rejects or says false", async () => {
  const checks = {
    ...{ value: () => 0, nothing: async () => {}, no: () => false },
    throws: () => {
      throw new Error("no");
    },
    rejects: async () => Promise.reject(new Error("no")),
  };
  const health = createHealth(checks, () => {}, clock);
  const results = await health.results(health.names);
  expect([...results].filter(([, { up }]) => up).map(([name]) => name)).toEqual(["value", "nothing"]);
});

test("checks run at once, each to its deadline, and are told to give up", async () => {
  const aborted: string[] = [];
  const hang = (name: string) => (signal: AbortSignal) => {
    signal.addEventListener("abort", () => aborted.push(name));
    return never();
  };
  const health = createHealth({ a: { check: hang("a"), deadline: "1s" }, b: hang("b") }, () => {}, clock);
  const results = health.results(["a", "b"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(aborted).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await results).toEqual(
    new Map([
      ["a", { up: false, reason: "deadline", took: 1000 }],
      ["b", { up: false, reason: "deadline", took: 2000 }],
    ]),
  );
});

test("a result stands for its cache time, then the check runs again", async () => {
  const check = vi.fn(() => true);
  const health = createHealth({ it: { check, cache: "5s" } }, () => {}, clock);
  await Promise.all([health.results(["it"]), health.results(["it"])]);
  await vi.advanceTimersByTimeAsync(4999);
  await health.results(["it"]);
  expect(check).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  await health.results(["it"]);
  expect(check).toHaveBeenCalledTimes(2);
});

test("a hanging check is not started again until it settles, however often it is asked", async () => {
  let settle = (_: boolean) => {};
  const check = vi.fn(() => new Promise<boolean>((resolve) => (settle = resolve)));
  const health = createHealth({ it: { check, deadline: "1s", cache: "1s" } }, () => {}, clock);
  const up = async () => (await health.results(["it"])).get("it")?.up;
  const first = up();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([await first, await up(), await up()]).toEqual([false, false, false]);
  expect(check).toHaveBeenCalledTimes(1);
  settle(true);
  await vi.advanceTimersByTimeAsync(1);
  const second = up();
  settle(true);
  expect(await second).toBe(true);
  expect(check).toHaveBeenCalledTimes(2);
});

test("a turn is told once each way", async () => {
  let up = true;
  const changed = vi.fn();
  const health = createHealth({ it: { check: () => up, cache: "1s" } }, changed, clock);
  for (const state of [true, false, false, true]) {
    up = state;
    await health.results(["it"]);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(changed.mock.calls.map(([name, result]) => [name, result.up])).toEqual([
    ["it", false],
    ["it", true],
  ]);
});
