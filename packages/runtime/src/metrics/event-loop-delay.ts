import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late the event loop was. */
export interface EventLoopDelay {
  /** 99th percentile over the last full window, seconds; `undefined` while there is none. */
  readonly p99: number | undefined;
  /** Begins to sample; does nothing when it already does. */
  start(): void;
  stop(): void;
}

/** Sampling interval, milliseconds: what is recorded is the time between two samples, so this much of it is no delay. */
const RESOLUTION = 10;

/** Milliseconds. Windows turn by the clock, not by the scrape: two scrapers must not halve each other's window. */
const WINDOW = 10_000;

const NANOSECONDS = 1e9;

/** Samples the event loop of this process; keeps neither it nor a test alive. */
export function eventLoopDelay(window: number = WINDOW): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  let timer: NodeJS.Timeout | undefined;
  let p99: number | undefined;
  const turn = () => {
    // No sample is no knowledge: a process that was suspended for the whole window was not on time.
    p99 =
      histogram.count === 0
        ? undefined
        : Math.max(0, histogram.percentile(99) / NANOSECONDS - RESOLUTION / 1000);
    histogram.reset();
  };
  return {
    get p99() {
      return p99;
    },
    start() {
      if (timer !== undefined) return;
      histogram.enable();
      timer = setInterval(turn, window).unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      p99 = undefined;
      histogram.disable();
    },
  };
}
