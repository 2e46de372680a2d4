/**
 * Works through items in their order, some at once. When one fails no other is begun, those under way are told by the signal,
 * and what failed first is thrown once all of them have ended.
 *
 * @param most how many at once, at least 1
 */
export async function atOnce<T>(
  items: Iterable<T>,
  most: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && !stopped.aborted; next = waiting.shift()) {
      await work(next, stopped).catch((error: unknown) => {
        stop.abort(error);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, waiting.length) }, worker));
  stopped.throwIfAborted();
}
