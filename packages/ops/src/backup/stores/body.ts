/** What the body threw, or the signal's reason: never to be taken for a failure of the store. */
export class BodyError extends Error {
  constructor(cause: unknown) {
    super("The body failed.", { cause });
  }
}

/**
 * The chunks of a body, ending early when the signal says so even while the body is silent. Whoever stops reading early
 * tells the body so, as `for await` would; a body that does not answer holds nobody up.
 *
 * @throws {BodyError} around whatever the body throws, and around the signal's reason.
 */
export async function* interruptible(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = body[Symbol.asyncIterator]();
  let fail: (reason: unknown) => void = () => {};
  let asked = false;
  let ended = false;
  const stop = () => fail(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  // Not Promise.race against one long-lived promise: that would keep a reaction a chunk until the end.
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      fail = (reason) => reject(reason instanceof BodyError ? reason : new BodyError(reason));
      if (signal?.aborted) return stop();
      asked = true;
      iterator.next().then(
        (result) => {
          asked = false;
          ended = result.done === true;
          resolve(result);
        },
        (error: unknown) => {
          ended = true;
          fail(error);
        },
      );
    });
  try {
    for (let result = await next(); !result.done; result = await next()) yield result.value;
  } finally {
    signal?.removeEventListener("abort", stop);
    if (!ended) {
      const returned = Promise.resolve(iterator.return?.()).catch(() => {});
      // While it is being asked for a chunk it cannot answer, and its end may never come.
      if (!asked) await returned;
    }
  }
}
