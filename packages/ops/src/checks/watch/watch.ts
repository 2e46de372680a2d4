import type { CheckReport } from "../report.ts";

/** How checks are run again and again. */
export interface WatchOptions {
  /** Milliseconds from the start of one run to that of the next. */
  readonly everyMs: number;
  /** Ends the watch; what runs then is ended by the same signal. */
  readonly signal: AbortSignal;
}

/** The edges that a watch touches. */
export interface WatchEdges {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or when the signal says so. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Runs checks at a steady pace until the signal. A run that is due while another is under way is left out, so that a
 * slow service is not asked faster than it answers.
 *
 * @param run the same run as a single one, with the same verdicts
 * @param onRun hears each report, and how many runs were left out before it
 */
export async function watch(
  run: () => Promise<CheckReport>,
  onRun: (report: CheckReport, skipped: number) => void,
  { everyMs, signal }: WatchOptions,
  { now, wait }: WatchEdges,
): Promise<void> {
  let due = now();
  let skipped = 0;
  while (!signal.aborted) {
    const report = await run();
    // An interrupted run says nothing of the service.
    if (signal.aborted) return;
    onRun(report, skipped);
    due += everyMs;
    skipped = Math.max(Math.ceil((now() - due) / everyMs), 0);
    due += skipped * everyMs;
    await wait(due - now(), signal);
  }
}
