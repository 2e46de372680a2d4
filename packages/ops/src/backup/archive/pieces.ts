type Bytes = AsyncGenerator<Uint8Array, void>;

/**
 * Cuts a stream into streams of at most `most` bytes, one at least. Each is to be read to its end before the next is
 * asked for; none is begun that would have no bytes, but for the first.
 */
export async function* piecesOf(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Bytes, void> {
  const source = body[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  let ended = false;
  /** Makes sure that there is a byte to go on with, or the end. */
  const look = async () => {
    while (!ended && rest.length === 0) {
      const { done, value } = await source.next();
      if (done) ended = true;
      else rest = value;
    }
  };
  async function* piece(): Bytes {
    for (let room = most; room > 0; ) {
      await look();
      if (ended) return;
      const taken = rest.subarray(0, room);
      rest = rest.subarray(taken.length);
      room -= taken.length;
      yield taken;
    }
    await look();
  }
  try {
    do yield piece();
    while (!ended);
  } finally {
    // While it is being asked for a chunk it cannot answer, and whoever ends what it reads from is waiting for us.
    Promise.resolve(source.return?.()).catch(() => {});
  }
}
