import { createHash } from "node:crypto";
import type { Sink } from "./chunks.ts";
import { damaged } from "./input.ts";

/** What pg_dump writes after the last row. */
const END = Buffer.from("\\.\n\n\n");
const NEWLINES_OF_END = 3;
const NEWLINE = 10;

/**
 * Counts and hashes the rows of one table from its COPY text.
 *
 * In COPY's text format a newline ends a row and is nothing else (one within a value is written as `\n`), so the rows
 * are the newlines, however pg_dump cuts the text into chunks.
 */
export class TableHash implements Sink {
  readonly #hash = createHash("sha256");
  /** The last bytes so far: they may be the end mark, which is not content. */
  readonly #held = Buffer.alloc(END.length);
  #heldLength = 0;
  #newlines = 0;
  #bytes = 0;

  add(text: Uint8Array): void {
    const lines = Buffer.from(text.buffer, text.byteOffset, text.length);
    for (let at = lines.indexOf(NEWLINE); at !== -1; at = lines.indexOf(NEWLINE, at + 1)) this.#newlines++;
    this.#bytes += text.length;
    const settled = this.#heldLength + text.length - END.length;
    if (settled > 0) {
      const fromHeld = Math.min(settled, this.#heldLength);
      this.#hash.update(this.#held.subarray(0, fromHeld));
      this.#held.copyWithin(0, fromHeld, this.#heldLength);
      this.#heldLength -= fromHeld;
      this.#hash.update(lines.subarray(0, settled - fromHeld));
      this.#hold(lines.subarray(settled - fromHeld));
    } else {
      this.#hold(lines);
    }
  }

  #hold(bytes: Buffer): void {
    this.#held.set(bytes, this.#heldLength);
    this.#heldLength += bytes.length;
  }

  finish(offset: number): { rows: number; bytes: number; sha256: string } {
    if (this.#heldLength !== END.length || !this.#held.equals(END)) {
      throw damaged("the rows of a table have no end mark", offset);
    }
    return {
      rows: this.#newlines - NEWLINES_OF_END,
      bytes: this.#bytes - END.length,
      sha256: this.#hash.digest("hex"),
    };
  }
}
