import { createHash } from "node:crypto";

/** Size and hashes of a stream. */
export interface StreamHashes {
  readonly bytes: number;
  /** SHA-256 of each part of fixed size, hex; the last part may be shorter. They cover every byte. */
  readonly parts: readonly string[];
}

/** Hashes a stream in parts as it passes. */
export class PartHasher {
  readonly #partBytes: number;
  readonly #onPart: (sha256: string, index: number) => void;
  readonly #parts: string[] = [];
  #part = createHash("sha256");
  #bytes = 0;

  /**
   * @param partBytes bytes each part, more than 0
   * @param onPart hears each part as it ends
   */
  constructor(partBytes: number, onPart: (sha256: string, index: number) => void = () => {}) {
    this.#partBytes = partBytes;
    this.#onPart = onPart;
  }

  update(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const room = this.#partBytes - (this.#bytes % this.#partBytes);
      const piece = bytes.subarray(from, from + room);
      this.#part.update(piece);
      this.#bytes += piece.length;
      from += piece.length;
      if (this.#bytes % this.#partBytes === 0) this.#endPart();
    }
  }

  /** To be called once, after the last byte. */
  finish(): StreamHashes {
    if (this.#bytes % this.#partBytes !== 0) this.#endPart();
    return { bytes: this.#bytes, parts: this.#parts };
  }

  #endPart(): void {
    const sha256 = this.#part.digest("hex");
    this.#onPart(sha256, this.#parts.push(sha256) - 1);
    this.#part = createHash("sha256");
  }
}
