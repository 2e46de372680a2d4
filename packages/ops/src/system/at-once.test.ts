import { expect, it } from "vitest";
import { atOnce } from "./at-once.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("works through all, so many at once and no more", async () => {
  const done: number[] = [];
  let [running, peak] = [0, 0];
  await atOnce([1, 2, 3, 4, 5], 2, undefined, async (item) => {
    peak = Math.max(peak, ++running);
    await turn();
    running--;
    done.push(item);
  });
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(peak).toBe(2);
});

it("begins nothing after a failure, waits for what is under way, and tells the first", async () => {
  const begun: number[] = [];
  let ended = false;
  const all = atOnce([1, 2, 3], 2, undefined, async (item, signal) => {
    begun.push(item);
    if (item === 1) throw new Error("first");
    while (!signal.aborted) await turn();
    await turn();
    ended = true;
    throw new Error("a consequence");
  });
  await expect(all).rejects.toThrow("first");
  expect([begun, ended]).toEqual([[1, 2], true]);
});

it("ends with the reason of its signal", async () => {
  const stop = new AbortController();
  const all = atOnce([1, 2], 1, stop.signal, async () => stop.abort(new Error("enough")));
  await expect(all).rejects.toThrow("enough");
});
