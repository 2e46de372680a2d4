/** A value that comes to be known when a stream has been read to its end, and only then. */
export class Once<T> {
  readonly value: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;

  constructor() {
    this.value = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Nobody may ever ask; the reader of the stream meets the same error.
    this.value.catch(() => {});
  }

  reject(reason: unknown): void {
    this.#reject(reason);
  }

  /** Passes a stream on, and settles with how it ended. A reader who leaves early has not seen all: that rejects. */
  async *settledBy(
    stream: AsyncGenerator<Uint8Array, void>,
    result: () => T,
  ): AsyncGenerator<Uint8Array, void> {
    let failure: unknown = new Error("The dump was not read to its end.");
    try {
      yield* stream;
      this.#resolve(result());
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#reject(failure);
    }
  }
}
