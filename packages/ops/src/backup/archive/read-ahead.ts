/** Bytes handed on at once at most. */
const PIECE = 256 * 1024;

/**
 * Reads a stream ahead of whoever reads this one, by `capacity` bytes at most: neither waits for the other at each piece.
 * It takes lent bytes, and its own are lent too.
 */
export async function* readAhead(
  body: AsyncIterable<Uint8Array>,
  capacity: number,
): AsyncGenerator<Uint8Array, void> {
  const ring = Buffer.allocUnsafeSlow(capacity);
  let [start, filled] = [0, 0];
  let [ended, left] = [false, false];
  let failure: { readonly error: unknown } | undefined;
  // Only one side ever waits: the reader when there is nothing, the writer when there is no room.
  let wake = () => {};
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const fill = async () => {
    for await (const bytes of body) {
      for (let from = 0; from < bytes.length; ) {
        while (filled === capacity && !left) await change();
        if (left) return;
        const at = (start + filled) % capacity;
        const room = Math.min(capacity - filled, capacity - at);
        const piece = bytes.subarray(from, from + room);
        ring.set(piece, at);
        filled += piece.length;
        from += piece.length;
        wake();
      }
    }
  };
  fill()
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      ended = true;
      wake();
    });
  try {
    for (;;) {
      while (filled === 0 && !ended) await change();
      if (filled > 0) {
        const piece = ring.subarray(start, start + Math.min(filled, capacity - start, PIECE));
        yield piece;
        start = (start + piece.length) % capacity;
        filled -= piece.length;
        wake();
      } else if (failure !== undefined) throw failure.error;
      else return;
    }
  } finally {
    left = true;
    wake();
  }
}
