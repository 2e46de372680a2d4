/** How often and how patiently a request is repeated. Milliseconds. */
export interface RetryPolicy {
  readonly attempts: number;
  /** Longest wait before the second attempt; it doubles from there. */
  readonly base: number;
  readonly cap: number;
}

/**
 * The wait before attempt `attempt + 1`: exponential backoff with full jitter, so that many who failed together do not
 * come back together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * @param random in [0, 1)
 */
export function backoff({ base, cap }: RetryPolicy, attempt: number, random: number): number {
  return random * Math.min(cap, base * 2 ** (attempt - 1));
}

/** Waits; ends early, with the signal's reason, when that says so. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
