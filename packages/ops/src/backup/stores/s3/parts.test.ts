import { expect, test } from "vitest";
import { bytesOf } from "../conformance.testkit.ts";
import { MOST_PARTS, partSize, partsAtOnce, partsOf } from "./parts.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

test("10,000 parts reach 5 TiB within S3's limits of a part", () => {
  const sizes = Array.from({ length: MOST_PARTS }, (_, at) => partSize(at + 1));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(5 * 1024 * GIB);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(5 * MIB);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * GIB);
});

test("what puts hold in memory is bounded up to 4 GiB each, and by one part after", () => {
  let total = 0;
  for (let number = 1; number <= MOST_PARTS; number++) {
    const size = partSize(number);
    total += size;
    expect(partsAtOnce(size, 1)).toBeGreaterThanOrEqual(1);
    for (const puts of total <= 4 * GIB ? [1, 2, 4] : [])
      expect(puts * partsAtOnce(size, puts) * size).toBeLessThanOrEqual(20 * MIB);
  }
});

test.each([
  [[0], 0],
  [[10], 100],
  [[100], 100],
  [[101], 100],
  [[1, 0, 99, 0, 50], 100],
  [[70_000, 200_000], 100_000],
  [[1_000_000], 64 * 1024],
])("pieces of %j are cut into parts of at most %i bytes, in order", async (lengths, size) => {
  const pieces = lengths.map(bytesOf);
  const source = partsOf(
    (async function* () {
      yield* pieces;
    })(),
  );
  const parts: Uint8Array[] = [];
  for (let last = false; !last; ) {
    const next = await source.next(size || 10);
    ({ last } = next);
    if (!last) expect(next.part.byteLength).toBe(size);
    parts.push(Uint8Array.from(next.part));
    source.giveBack(next.part);
  }
  expect(Buffer.compare(Buffer.concat(parts), Buffer.concat(pieces))).toBe(0);
});
