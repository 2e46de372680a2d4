import { isUtf8 } from "node:buffer";
import { SeakeepError } from "@seakeep/contract";

/** A parser that yields when it needs more bytes, and is resumed when they are there. */
export type Reading<T> = Generator<undefined, T, undefined>;

/** No text of a table of contents is longer; a damaged length must not ask for gigabytes. */
const LONGEST_TEXT = 64 * 1024 * 1024;

/** The bytes of an archive as they arrive. A reading has always used all of `buffer` before it yields. */
export class Input {
  buffer: Uint8Array = new Uint8Array(0);
  position = 0;
  /** Bytes of an integer, as the archive's header says. */
  intSize = 4;
  /** Bytes of the buffers before this one. */
  #before = 0;

  next(buffer: Uint8Array): void {
    this.#before += this.buffer.length;
    this.buffer = buffer;
    this.position = 0;
  }

  /** Bytes from the archive's start, for messages. */
  get offset(): number {
    return this.#before + this.position;
  }

  *byte(): Reading<number> {
    while (this.position === this.buffer.length) yield undefined;
    return this.buffer[this.position++]!;
  }

  *bytes(length: number): Reading<Buffer> {
    const whole = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      if (this.position === this.buffer.length) yield undefined;
      const part = this.buffer.subarray(this.position, this.position + length - filled);
      whole.set(part, filled);
      filled += part.length;
      this.position += part.length;
    }
    return whole;
  }

  /** A sign, then the magnitude, little endian. */
  *int(): Reading<number> {
    const negative = yield* this.byte();
    let value = 0;
    for (let index = 0; index < this.intSize; index++) value += (yield* this.byte()) * 256 ** index;
    if (negative > 1 || (negative === 1 && value === 0))
      throw damaged("a number has an odd sign", this.offset);
    return negative === 1 ? -value : value;
  }

  /** Length -1 is no text at all, which is not the empty text. */
  *text(): Reading<string | undefined> {
    const length = yield* this.int();
    if (length < 0) return undefined;
    if (length > LONGEST_TEXT) throw damaged(`a text of ${length} bytes`, this.offset);
    const bytes = yield* this.bytes(length);
    // Names in the database's own encoding must at least stay apart.
    return bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
  }
}

/** The archive is not what pg_dump writes. */
export function damaged(what: string, offset: number): SeakeepError {
  return new SeakeepError("SK-DUMP-002", `The dump is damaged at byte ${offset}: ${what}.`);
}
