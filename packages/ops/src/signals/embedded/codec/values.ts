import { ByteReader, ByteWriter, DamagedBytes } from "./bytes.ts";

/** Counters and most gauges are whole numbers: their differences are small. */
const WHOLE = 1;
/** Anything else: what changed of the eight bytes of each. */
const FLOAT = 2;

/** Largest whole number whose difference to another can still be doubled safely. */
const LARGEST_WHOLE = 2 ** 51;

/** More in one piece is no piece of ours. */
const MOST = 1_000_000;

/**
 * Packs values one after the other. What stays as it was takes nearly nothing, which is what most series of a service do
 * most of the time; a counter takes a byte or two a sample. (After Gorilla, VLDB 2015, by bytes instead of bits.)
 */
export function packValues(values: ArrayLike<number>): Buffer {
  const writer = new ByteWriter();
  let whole = true;
  for (let index = 0; index < values.length && whole; index++) {
    const value = values[index]!;
    whole = Number.isInteger(value) && Math.abs(value) <= LARGEST_WHOLE && !Object.is(value, -0);
  }
  writer.byte(whole ? WHOLE : FLOAT);
  writer.unsigned(values.length);
  (whole ? packWhole : packFloats)(values, writer);
  return writer.done();
}

/** @throws {DamagedBytes} for bytes that {@link packValues} has not written. */
export function unpackValues(bytes: Uint8Array): Float64Array {
  const reader = new ByteReader(bytes);
  const kind = reader.byte();
  const count = reader.unsigned();
  if (count > MOST || (kind !== WHOLE && kind !== FLOAT)) throw new DamagedBytes("These are no values.");
  const values = new Float64Array(count);
  (kind === WHOLE ? unpackWhole : unpackFloats)(reader, values);
  if (!reader.atEnd) throw new DamagedBytes("The bytes do not end with the values.");
  return values;
}

/** A zero, and how many: how a stretch without a change is written. */
function repeats(writer: ByteWriter, count: number): void {
  if (count === 0) return;
  writer.byte(0);
  writer.unsigned(count);
}

function readRepeats(reader: ByteReader, left: number): number {
  const count = reader.unsigned();
  if (count === 0 || count > left) throw new DamagedBytes("More repetitions than values.");
  return count;
}

function packWhole(values: ArrayLike<number>, writer: ByteWriter): void {
  let last = 0;
  let same = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value === last) {
      same += 1;
      continue;
    }
    repeats(writer, same);
    same = 0;
    writer.signed(value - last);
    last = value;
  }
  repeats(writer, same);
}

function unpackWhole(reader: ByteReader, values: Float64Array): void {
  let last = 0;
  for (let index = 0; index < values.length; ) {
    const change = reader.signed();
    if (change !== 0) {
      last += change;
      values[index++] = last;
      continue;
    }
    const end = index + readRepeats(reader, values.length - index);
    values.fill(last, index, end);
    index = end;
  }
}

const VIEW = new DataView(new ArrayBuffer(8));

/** A byte says how many leading and trailing bytes did not change (1 + 8 × leading + trailing), then come the others. */
function packFloats(values: ArrayLike<number>, writer: ByteWriter): void {
  const last = new Uint8Array(8);
  let same = 0;
  for (let index = 0; index < values.length; index++) {
    VIEW.setFloat64(0, values[index]!);
    let leading = 0;
    while (leading < 8 && VIEW.getUint8(leading) === last[leading]) leading += 1;
    if (leading === 8) {
      same += 1;
      continue;
    }
    repeats(writer, same);
    same = 0;
    let trailing = 0;
    while (VIEW.getUint8(7 - trailing) === last[7 - trailing]) trailing += 1;
    writer.byte(1 + leading * 8 + trailing);
    for (let at = leading; at < 8 - trailing; at++) writer.byte(VIEW.getUint8(at));
    for (let at = 0; at < 8; at++) last[at] = VIEW.getUint8(at);
  }
  repeats(writer, same);
}

function unpackFloats(reader: ByteReader, values: Float64Array): void {
  const last = new DataView(new ArrayBuffer(8));
  for (let index = 0; index < values.length; ) {
    const head = reader.byte();
    if (head === 0) {
      const end = index + readRepeats(reader, values.length - index);
      values.fill(last.getFloat64(0), index, end);
      index = end;
      continue;
    }
    const leading = Math.floor((head - 1) / 8);
    const end = 8 - ((head - 1) % 8);
    if (leading >= end) throw new DamagedBytes("A value of no bytes.");
    for (let at = leading; at < end; at++) last.setUint8(at, reader.byte());
    values[index++] = last.getFloat64(0);
  }
}
