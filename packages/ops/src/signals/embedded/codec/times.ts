import { packValues, unpackValues } from "./values.ts";

/** Packs ascending times, milliseconds: by how much each interval differs from the one before, which is next to nothing. */
export function packTimes(times: ArrayLike<number>): Buffer {
  const changes = new Float64Array(times.length);
  for (let index = 0; index < times.length; index++) {
    changes[index] = times[index]! - (index === 0 ? 0 : times[index - 1]!);
  }
  return packValues(changes);
}

/** @throws {DamagedBytes} for bytes that {@link packTimes} has not written. */
export function unpackTimes(bytes: Uint8Array): Float64Array {
  const times = unpackValues(bytes);
  for (let index = 1; index < times.length; index++) times[index]! += times[index - 1]!;
  return times;
}
