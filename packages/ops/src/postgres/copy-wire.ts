/** Messages of a server that belong to COPY: https://www.postgresql.org/docs/current/protocol-message-formats.html. */
const COPY_IN = 0x47;
const COPY_OUT = 0x48;
const COPY_DONE = 0x63;
const COPY_DATA = 0x64;
/** One byte for the kind of a message, and four for its length, which counts these four. */
const HEADER = 5;
const LENGTH = 4;

/** Bytes that are read from the server at once, at most. */
const READ = 128 * 1024;
/** Bytes of rows that are handed over at once, at least: each time costs more than a row does. */
const FULL = 256 * 1024;
const SIZE: number = FULL + 2 * READ;

/** Bytes for answers that are no rows. */
const ANSWERS = 16 * 1024;

/** Hears what a server sends beside rows. */
export interface WireEvents {
  /** Bytes of ordinary messages, in pieces of any size; only lent. */
  readonly onMessages: (bytes: Buffer) => void;
  /** The server waits for rows. */
  readonly onCopyIn: () => void;
}

/**
 * Takes the rows of COPY out of what a server sends, and passes on the rest.
 *
 * Every row is a message of its own, so millions pass: a row is moved to its place within the buffer that it was read to,
 * and nothing is made for it. Two buffers take turns, so that one is filled while the other is used.
 */
export class CopyWire {
  /** Rows so far, since the last `begin`. */
  rows = 0;
  readonly #events: WireEvents;
  // Small until rows come: most of what a session that fills tables hears is an answer of some bytes.
  #buffer: Buffer = Buffer.allocUnsafeSlow(ANSWERS);
  #other: Buffer | undefined;
  /** Bytes of rows at the start of the buffer. */
  #text = 0;
  /** End of all that is in it: behind the rows, the part of a header whose rest has not come yet. */
  #end = 0;
  /** Where the bytes go that are being read: perhaps still in the other buffer. */
  #landing: Uint8Array = this.#buffer;
  /** Of the message under way: its kind, and the bytes that are still to come. */
  #kind = 0;
  #remaining = 0;

  constructor(events: WireEvents) {
    this.#events = events;
  }

  /** Where the next bytes of the server are to be written. */
  room(): Uint8Array {
    this.#landing = this.#buffer.subarray(this.#end, this.#end + READ);
    return this.#landing;
  }

  /** Enough to be handed over, and nothing more may be taken before that. */
  get full(): boolean {
    return this.#text >= FULL;
  }

  /** To be called before rows are asked for. */
  begin(): void {
    this.rows = 0;
    if (this.#other !== undefined) return;
    const small = this.#buffer;
    [this.#buffer, this.#other] = [Buffer.allocUnsafeSlow(SIZE), Buffer.allocUnsafeSlow(SIZE)];
    small.copy(this.#buffer, 0, 0, this.#end);
  }

  /** The rows so far. They stay as they are until the next are handed over. */
  handOver(): Uint8Array {
    const text = this.#buffer.subarray(0, this.#text);
    const other = this.#other!;
    this.#buffer.copy(other, 0, this.#text, this.#end);
    [this.#buffer, this.#other] = [other, this.#buffer];
    [this.#text, this.#end] = [0, this.#end - this.#text];
    return text;
  }

  /** Looks at bytes that were written to the last `room`. */
  take(length: number): void {
    const buffer = this.#buffer;
    const landing = this.#landing;
    const end = this.#end + length;
    if (landing.buffer !== buffer.buffer || landing.byteOffset !== this.#end) {
      // They were on their way when the rows before them were handed over.
      buffer.set(landing.subarray(0, length), this.#end);
    }
    let [read, write] = [this.#text, this.#text];
    let [kind, remaining] = [this.#kind, this.#remaining];
    while (read < end) {
      if (remaining === 0) {
        if (end - read < HEADER) break;
        kind = buffer[read]!;
        remaining = buffer.readUInt32BE(read + 1) - LENGTH;
        if (kind === COPY_DATA) this.rows++;
        else if (kind === COPY_IN) this.#events.onCopyIn();
        else if (!isOfCopy(kind)) this.#events.onMessages(buffer.subarray(read, read + HEADER));
        read += HEADER;
      }
      const piece = Math.min(remaining, end - read);
      if (kind === COPY_DATA) {
        buffer.copyWithin(write, read, read + piece);
        write += piece;
      } else if (piece > 0 && !isOfCopy(kind)) {
        this.#events.onMessages(buffer.subarray(read, read + piece));
      }
      read += piece;
      remaining -= piece;
    }
    buffer.copyWithin(write, read, end);
    [this.#text, this.#end] = [write, write + end - read];
    [this.#kind, this.#remaining] = [kind, remaining];
  }
}

function isOfCopy(kind: number): boolean {
  return kind === COPY_DATA || kind === COPY_DONE || kind === COPY_IN || kind === COPY_OUT;
}
