/**
 * Cuts a stream into chunks of exactly `size` bytes; only the last one may be shorter. No bytes, no chunk.
 *
 * Two buffers take turns: a chunk stays as it is while the next one is looked at, and no longer. New memory for each would have
 * V8 collect garbage ten times as often.
 */
export async function* chunksOf(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer, void> {
  let chunk: Buffer = Buffer.allocUnsafeSlow(size);
  let other: Buffer | undefined;
  let filled = 0;
  for await (const bytes of body) {
    for (let from = 0; from < bytes.length; ) {
      const take = Math.min(size - filled, bytes.length - from);
      chunk.set(bytes.subarray(from, from + take), filled);
      filled += take;
      from += take;
      if (filled === size) {
        yield chunk;
        [chunk, other] = [other ?? Buffer.allocUnsafeSlow(size), chunk];
        filled = 0;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Tells each chunk that passes. */
export async function* tap(
  body: AsyncIterable<Uint8Array>,
  see: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void> {
  for await (const bytes of body) {
    see(bytes);
    yield bytes;
  }
}
