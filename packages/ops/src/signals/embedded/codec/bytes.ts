/** Bytes that grow as they are written. */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(256);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53, seven bits a byte, the least first. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A whole number whose double is safe: small ones of either sign take one byte. */
  signed(value: number): void {
    this.unsigned(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  done(): Buffer {
    return Buffer.from(this.#bytes.buffer, 0, this.#length);
  }
}

/** Raised for bytes that no writer has written. */
export class DamagedBytes extends Error {}

/** Reads what {@link ByteWriter} wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#position++];
    if (value === undefined) throw new DamagedBytes("The bytes end too early.");
    return value;
  }

  unsigned(): number {
    let value = 0;
    for (let unit = 1; unit < 2 ** 56; unit *= 128) {
      const next = this.byte();
      value += (next & 127) * unit;
      if (next < 128) return value;
    }
    throw new DamagedBytes("A number is too long.");
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
