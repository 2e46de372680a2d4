/**
 * Postgres counts in bytes of UTF-8, JavaScript in UTF-16 code units: answers the second for the first. Past the end it
 * answers the end.
 */
export function utf16Offsets(text: string): (byte: number) => number {
  const bytes = Buffer.byteLength(text);
  if (bytes === text.length) return (byte) => Math.min(byte, bytes);
  const offsets = new Uint32Array(bytes + 1);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    offsets.fill(unit, byte, byte + Buffer.byteLength(character));
    byte += Buffer.byteLength(character);
    unit += character.length;
  }
  offsets[bytes] = text.length;
  return (at) => offsets[Math.min(at, bytes)]!;
}

/** The UTF-16 offset of a character: the parser's errors count characters. */
export function offsetOfCharacter(text: string, index: number): number {
  let unit = 0;
  let seen = 0;
  for (const character of text) {
    if (seen++ === index) break;
    unit += character.length;
  }
  return unit;
}

/** A place in a file; both from 1, the column in UTF-16 code units, as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Answers where an offset of this text is; the lines are counted once, however many offsets are asked for. */
export function placesIn(text: string): (offset: number) => Place {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({ index, 0: end }) => index + end.length)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}

/** Where an offset is. */
export const placeOf = (text: string, offset: number): Place => placesIn(text)(offset);
