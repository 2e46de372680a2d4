import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventLoopDelay, longestWait } from "./event-loop-delay.ts";

const intervals = (...list: number[]) => Float64Array.from(list);
const idle = (milliseconds: number) => new Array<number>(milliseconds / 10).fill(10);

describe("longestWait", () => {
  it("is just under the interval of a steady loop", () => {
    expect(longestWait(intervals(...idle(10_000)), 0.01)).toBeCloseTo(9.9, 6);
  });

  it("weighs one long stall by its time, not as one sample of many", () => {
    // Of 10 s, the first 100 ms of arrivals during a 3 s stall wait more than 2.9 s: 1 %.
    expect(longestWait(intervals(...idle(7000), 3000), 0.01)).toBeCloseTo(2900, 6);
  });

  it("adds up stalls of different lengths", () => {
    // Beyond 200 ms: 50 + 50 ms of moments, 1 % of 10 s.
    expect(longestWait(intervals(...idle(9500), 250, 250), 0.01)).toBeCloseTo(200, 6);
  });

  it("is 0 for nothing", () => {
    expect(longestWait(intervals(), 0.01)).toBe(0);
  });
});

describe("eventLoopDelay", () => {
  let skew = 0;

  beforeEach(() => {
    skew = 0;
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A stall: the clock goes on, no timer fires. */
  const clock = () => performance.now() + skew;

  it("knows nothing before its first full window", () => {
    const delay = eventLoopDelay(clock);
    delay.start();
    vi.advanceTimersByTime(9990);
    expect(delay.p99).toBeUndefined();
    vi.advanceTimersByTime(10);
    expect(delay.p99).toBe(0);
  });

  it("reports a stall in the window it ended in, once", () => {
    const delay = eventLoopDelay(clock);
    delay.start();
    vi.advanceTimersByTime(10_000);
    skew += 600;
    vi.advanceTimersByTime(9400);
    expect(delay.p99).toBeCloseTo(0.5, 2);
    vi.advanceTimersByTime(10_000);
    expect(delay.p99).toBe(0);
  });

  it("loses no stall to the turn of the window", () => {
    const delay = eventLoopDelay(clock);
    delay.start();
    vi.advanceTimersByTime(9990);
    skew += 5000;
    vi.advanceTimersByTime(10);
    expect(delay.p99).toBeGreaterThan(4.8);
  });

  it("does not care how often it is read", () => {
    const delay = eventLoopDelay(clock);
    delay.start();
    vi.advanceTimersByTime(5000);
    skew += 1000;
    vi.advanceTimersByTime(5000);
    const read = [delay.p99, delay.p99, delay.p99];
    expect(new Set(read).size).toBe(1);
    expect(read[0]).toBeGreaterThan(0.8);
  });

  it("starts once and stops for good", () => {
    const delay = eventLoopDelay(clock);
    delay.start();
    delay.start();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(10_000);
    delay.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(delay.p99).toBeUndefined();
  });
});
