const MIB = 1024 * 1024;
/** S3 takes no more parts than this. */
export const MOST_PARTS = 10_000;
/** The least that S3 takes. */
const FIRST_PART: number = 5 * MIB;
const PARTS_OF_ONE_SIZE = 950;
/** What the buffers of all puts under way hold together, while parts are small and puts few enough for that. */
const MEMORY: number = 20 * MIB;

/**
 * Bytes of part `number`, counted from 1: 5 MiB, doubled every 950 parts. A stream tells its length only at its end,
 * and so 10,000 parts reach S3's 5 TiB, while the objects of a backup, which have 4 GiB at most, stay with the least.
 */
export function partSize(number: number): number {
  return FIRST_PART * 2 ** Math.floor((number - 1) / PARTS_OF_ONE_SIZE);
}

/**
 * How many parts of a size one put has in memory at once, the one being filled included.
 *
 * @param puts how many share the memory
 */
export function partsAtOnce(size: number, puts: number): number {
  return Math.max(1, Math.floor(MEMORY / size / puts));
}

/** Where the first part begins to be gathered: most bodies are a manifest or a lock. */
const SMALL: number = 64 * 1024;

/**
 * Buffers that parts are gathered in, of all puts of a store: what one has given back the next one takes. New ones for each put
 * would be garbage of many megabytes.
 */
export class PartBuffers {
  #free: ArrayBufferLike[] = [];

  take(size: number): Uint8Array {
    const at = this.#free.findIndex(({ byteLength }) => byteLength === size);
    const [buffer] = at === -1 ? [] : this.#free.splice(at, 1);
    return new Uint8Array(buffer ?? Buffer.allocUnsafeSlow(size).buffer);
  }

  /** Kept are no more than are used at once. */
  giveBack({ buffer }: Uint8Array): void {
    const kept = this.#free.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (buffer.byteLength > SMALL && kept + buffer.byteLength <= MEMORY) this.#free.push(buffer);
  }
}

/** Cuts a body into parts, in buffers that are used again. */
export interface PartSource {
  /** The next part, of `size` bytes unless it is the last one. Give its buffer back when it is no longer needed. */
  next(size: number): Promise<{ readonly part: Uint8Array; readonly last: boolean }>;
  giveBack(part: Uint8Array): void;
  /** Tells the body that no more of it is wanted. */
  close(): Promise<void>;
}

export function partsOf(
  body: AsyncGenerator<Uint8Array, void, undefined>,
  buffers: PartBuffers = new PartBuffers(),
): PartSource {
  let carry: Uint8Array = new Uint8Array();
  let ended = false;
  let isFirst = true;
  /** Makes sure that there is a byte to go on with, or the end. */
  const look = async () => {
    while (!ended && carry.byteLength === 0) {
      const { done, value } = await body.next();
      if (done) ended = true;
      else carry = value;
    }
  };
  return {
    async next(size) {
      let buffer = isFirst ? new Uint8Array(SMALL) : buffers.take(size);
      isFirst = false;
      let filled = 0;
      for (;;) {
        await look();
        if (ended || filled === size) return { part: buffer.subarray(0, filled), last: ended };
        if (filled === buffer.byteLength) {
          const whole = buffers.take(size);
          whole.set(buffer);
          buffer = whole;
        }
        const piece = carry.subarray(0, buffer.byteLength - filled);
        buffer.set(piece, filled);
        filled += piece.byteLength;
        carry = carry.subarray(piece.byteLength);
      }
    },
    giveBack: (part) => buffers.giveBack(part),
    close: async () => void (await body.return()),
  };
}
