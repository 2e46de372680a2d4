/** How long to wait for a condition and how often to look, in milliseconds. */
export interface Patience {
  readonly within: number;
  readonly every?: number;
}

/**
 * Polls until `look` gives something other than undefined or false, and returns it.
 *
 * A look that throws counts as "not yet": a server that is starting refuses connections.
 * When the time is up the error says what was awaited and why the last look failed.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { within, every = 25 }: Patience,
): Promise<T> {
  const deadline = performance.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = undefined;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      last = error;
    }
    if (performance.now() >= deadline) {
      const why = last instanceof Error ? ` (${last.message})` : "";
      throw new Error(`${what}: not within ${within / 1000} s${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** Thrown by a look that knows that waiting longer is of no use; `until` passes it on at once. */
export class GiveUp extends Error {}

/** True when a GET of the URL answers within a second with a 2xx status; throws with what went wrong otherwise. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1000), redirect: "manual" });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return true;
}
