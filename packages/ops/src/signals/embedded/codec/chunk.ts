import { DamagedBytes } from "./bytes.ts";
import { packValues, unpackValues } from "./values.ts";

/** Every scrape of the block has a sample. */
const WHOLE = 0;
/** A bit for each scrape of the block says whether it has one. */
const PARTLY = 1;

/** Packs the samples of one series of a block of scrapes; `undefined` where a scrape did not have the series. */
export function packChunk(samples: readonly (number | undefined)[]): Buffer {
  const values = samples.filter((sample) => sample !== undefined);
  const packed = packValues(values);
  if (values.length === samples.length) return Buffer.concat([Buffer.of(WHOLE), packed]);
  const present = Buffer.alloc(Math.ceil(samples.length / 8));
  for (const [index, sample] of samples.entries()) {
    if (sample !== undefined) present[index >> 3]! |= 1 << (index & 7);
  }
  return Buffer.concat([Buffer.of(PARTLY), present, packed]);
}

/**
 * The samples of a series, with their times out of those of the block.
 *
 * @throws {DamagedBytes} for bytes that {@link packChunk} has not written.
 */
export function unpackChunk(
  bytes: Uint8Array,
  times: Float64Array,
): { times: Float64Array; values: Float64Array } {
  if (bytes[0] === WHOLE) return checked(times, unpackValues(bytes.subarray(1)));
  if (bytes[0] !== PARTLY) throw new DamagedBytes("This is no chunk.");
  const present = bytes.subarray(1, 1 + Math.ceil(times.length / 8));
  const own = times.filter((_time, index) => (present[index >> 3]! & (1 << (index & 7))) !== 0);
  return checked(own, unpackValues(bytes.subarray(1 + present.length)));
}

function checked(times: Float64Array, values: Float64Array): { times: Float64Array; values: Float64Array } {
  if (times.length !== values.length) throw new DamagedBytes("Not as many values as times.");
  return { times, values };
}
