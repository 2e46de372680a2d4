import { Damage } from "../archive/damage.ts";

/** Takes exact counts of bytes off the front of a stream, and can put some back. */
export class Bytes {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #left: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
  }

  /** Whatever comes next, at most so many; `undefined` at the end. */
  async some(most: number = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    while (this.#left.length === 0) {
      const { done, value } = await this.#iterator.next();
      if (done) return undefined;
      this.#left = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const taken = this.#left.subarray(0, most);
    this.#left = this.#left.subarray(taken.length);
    return taken;
  }

  /** Exactly so many. */
  async take(count: number): Promise<Buffer> {
    if (this.#left.length >= count) return (await this.some(count))!;
    const parts: Buffer[] = [];
    for (let missing = count; missing > 0; ) {
      const part = await this.some(missing);
      if (part === undefined) throw new Damage("It ends in the middle.");
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Puts back what was taken last. */
  unread(bytes: Buffer): void {
    this.#left = this.#left.length === 0 ? bytes : Buffer.concat([bytes, this.#left]);
  }

  async *rest(): AsyncGenerator<Buffer, void> {
    for (let bytes = await this.some(); bytes !== undefined; bytes = await this.some()) yield bytes;
  }
}
