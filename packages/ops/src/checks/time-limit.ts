import { formatDuration } from "@seakeep/contract";
import type { Verdict } from "./check.ts";

/** The time that one attempt at a check has. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** The verdict over a check that does not heed the signal. */
  readonly overrun: Promise<Verdict>;
  readonly clear: () => void;
}

/** A check that heeds its signal has said, this many milliseconds after it, more than its overrun could. */
const GRACE = 250;

/** Not AbortSignal.timeout(): its timer lets the process end, and a run that ends early must not look like a pass. */
export function timeLimit(timeoutMs: number, interruption: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, interruption]);
  const expire = () => controller.abort(new DOMException("The time is up.", "TimeoutError"));
  const timer = setTimeout(expire, timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  const overrun = new Promise<Verdict>((resolve) => {
    const end = () => {
      const reason = interruption.aborted
        ? "The check was interrupted."
        : `The check had not finished after ${formatDuration(timeoutMs)}.`;
      const fix = "Make it heed its signal, or allow more time with --timeout.";
      grace = setTimeout(() => resolve(unknown(reason, fix)), GRACE);
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
  const clear = () => {
    clearTimeout(timer);
    clearTimeout(grace);
  };
  return { signal, overrun, clear };
}

/** The verdict over a check that says nothing itself. */
export function unknown(reason: string, fix: string): Verdict {
  return { verdict: "unknown", reason, fix, findings: [{ verdict: "unknown", reason, fix }], notes: [] };
}
