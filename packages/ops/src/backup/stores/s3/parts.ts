const MIB = 1024 * 1024;
/** S3 takes no more parts than this. */
export const MOST_PARTS = 10_000;
/** The least that S3 takes. */
const FIRST_PART: number = 5 * MIB;
const PARTS_OF_ONE_SIZE = 950;
/** What the buffers of all puts under way hold together, while parts are small enough for that. */
const MEMORY: number = 20 * MIB;

/**
 * Bytes of part `number`, counted from 1: 5 MiB, doubled every 950 parts. A stream tells its length only at its end,
 * and so 10,000 parts reach S3's 5 TiB, while the objects of a backup, which have 4 GiB at most, stay with the least.
 */
export function partSize(number: number): number {
  return FIRST_PART * 2 ** Math.floor((number - 1) / PARTS_OF_ONE_SIZE);
}

/** Where the first part begins to be gathered: most bodies are a manifest or a lock. */
const SMALL: number = 64 * 1024;

/**
 * Buffers that parts are gathered in and sent from, of all puts of a store. They are used again, for new ones would be garbage of
 * many megabytes, and they hold no more than 20 MiB, or one part: however many puts there are, memory does not grow with them.
 */
export class PartBuffers {
  #taken = 0;
  #free: ArrayBufferLike[] = [];
  #waiting: (() => void)[] = [];

  /** Waits until there is room. @throws the signal's reason, once `wake` was called. */
  async take(size: number, signal?: AbortSignal): Promise<ArrayBufferLike> {
    while (this.#taken > 0 && this.#taken + size > MEMORY) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#taken += size;
    // Parts only grow: those of another size are of no more use.
    this.#free = this.#free.filter(({ byteLength }) => byteLength === size);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(size).buffer;
  }

  giveBack(buffer: ArrayBufferLike): void {
    this.#taken -= buffer.byteLength;
    this.#free.push(buffer);
    this.wake();
  }

  /** Has all who wait look again. */
  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** Cuts a body into parts, in buffers that are used again. */
export interface PartSource {
  /** The next part, of `size` bytes unless it is the last one. Give it back when it is no longer needed. */
  next(size: number): Promise<{ readonly part: Uint8Array; readonly last: boolean }>;
  giveBack(part: Uint8Array): void;
  /** Gives back what is left, and tells the body that no more of it is wanted. */
  close(): Promise<void>;
}

/** @param signal ends the wait for a buffer */
export function partsOf(
  body: AsyncGenerator<Uint8Array, void, undefined>,
  buffers: PartBuffers = new PartBuffers(),
  signal?: AbortSignal,
): PartSource {
  let carry: Uint8Array = new Uint8Array();
  let ended = false;
  let isFirst = true;
  const held = new Set<ArrayBufferLike>();
  signal?.addEventListener("abort", () => buffers.wake(), { once: true });
  /** Makes sure that there is a byte to go on with, or the end. */
  const look = async () => {
    while (!ended && carry.byteLength === 0) {
      const { done, value } = await body.next();
      if (done) ended = true;
      else carry = value;
    }
  };
  const take = async (size: number) => {
    const buffer = await buffers.take(size, signal);
    held.add(buffer);
    return new Uint8Array(buffer);
  };
  return {
    async next(size) {
      let buffer = isFirst ? new Uint8Array(SMALL) : await take(size);
      isFirst = false;
      let filled = 0;
      for (;;) {
        await look();
        if (ended || filled === size) return { part: buffer.subarray(0, filled), last: ended };
        if (filled === buffer.byteLength) {
          const whole = await take(size);
          whole.set(buffer);
          buffer = whole;
        }
        const piece = carry.subarray(0, buffer.byteLength - filled);
        buffer.set(piece, filled);
        filled += piece.byteLength;
        carry = carry.subarray(piece.byteLength);
      }
    },
    giveBack({ buffer }) {
      if (held.delete(buffer)) buffers.giveBack(buffer);
    },
    async close() {
      for (const buffer of held) buffers.giveBack(buffer);
      held.clear();
      await body.return();
    },
  };
}
