/** The edges of a schedule. */
interface Clock {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Resolves after that many milliseconds, or when it is interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Runs a task at steady moments until it is interrupted. One that takes too long leaves out moments; it never runs twice
 * at once, and never makes up for what it missed.
 *
 * @param interval milliseconds
 */
export async function every(
  interval: number,
  task: () => Promise<void>,
  { now, sleep }: Clock,
  signal: AbortSignal,
): Promise<void> {
  const started = now();
  while (!signal.aborted) {
    await task();
    const elapsed = now() - started;
    await sleep((Math.floor(elapsed / interval) + 1) * interval - elapsed);
  }
}
