/** How late the event loop was. */
export interface EventLoopDelay {
  /** 99th percentile over the last full window, seconds; `undefined` while there is none. */
  readonly p99: number | undefined;
  /** Begins to sample; does nothing when it already does. */
  start(): void;
  stop(): void;
}

/** Time between two samples of an idle loop, milliseconds. */
const RESOLUTION = 10;

/** Milliseconds. Windows turn by the clock, not by the scrape: two scrapers must not take each other's samples. */
const WINDOW = 10_000;

/**
 * Samples the event loop of this process every 10 ms. Keeps neither the process nor a test alive.
 *
 * Not `monitorEventLoopDelay`: its percentiles count samples, so that a stall of three seconds is one sample in seven
 * hundred and its 99th percentile says all is well; and its `reset()` forgets the stall that is just going on.
 */
export function eventLoopDelay(now: () => number = () => performance.now()): EventLoopDelay {
  // A timer may fire a little early; twice the room is never reached.
  const intervals = new Float64Array((2 * WINDOW) / RESOLUTION);
  let count = 0;
  let last = 0;
  let elapsed = 0;
  let timer: NodeJS.Timeout | undefined;
  let p99: number | undefined;

  const sample = () => {
    const at = now();
    const interval = at - last;
    last = at;
    elapsed += interval;
    if (count < intervals.length) intervals[count++] = interval;
    if (elapsed < WINDOW) return;
    p99 = Math.max(0, longestWait(intervals.subarray(0, count), 0.01) - RESOLUTION) / 1000;
    count = 0;
    elapsed = 0;
  };

  return {
    get p99() {
      return p99;
    },
    start() {
      if (timer !== undefined) return;
      last = now();
      timer = setInterval(sample, RESOLUTION).unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      p99 = undefined;
      count = 0;
      elapsed = 0;
    },
  };
}

/**
 * The wait that a share of all moments exceeds: whoever arrives during an interval waits for its end. Every moment
 * counts the same, so a long interval weighs as much as the time it took. Sorts the intervals.
 */
export function longestWait(intervals: Float64Array, share: number): number {
  intervals.sort().reverse();
  const allowed = share * intervals.reduce((sum, interval) => sum + interval, 0);
  let longest = 0;
  // The moments that wait longer than w are the parts of the intervals beyond w; w falls until they are the share.
  for (let taken = 1; taken <= intervals.length; taken++) {
    longest += intervals[taken - 1]!;
    const wait = (longest - allowed) / taken;
    if (wait >= (intervals[taken] ?? 0)) return wait;
  }
  return 0;
}
