import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { bytesOf } from "../conformance.testkit.ts";
import { MOST_PARTS, PartBuffers, partSize, partsOf } from "./parts.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

test("10,000 parts reach 5 TiB within S3's limits of a part", () => {
  const sizes = Array.from({ length: MOST_PARTS }, (_, at) => partSize(at + 1));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(5 * 1024 * GIB);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(5 * MIB);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * GIB);
});

test("buffers of all puts hold 20 MiB at most, or one part, and who waits for one goes on when it is given back", async () => {
  const buffers = new PartBuffers();
  const taken = await Promise.all([1, 2, 3, 4].map(() => buffers.take(5 * MIB)));
  const order: string[] = [];
  const wait = (name: string, size: number) =>
    buffers.take(size).then((buffer) => {
      order.push(name);
      return buffer;
    });
  const [fifth, large] = [wait("fifth", 5 * MIB), wait("large", 40 * MIB)];
  await setImmediate();
  expect(order).toEqual([]);
  buffers.giveBack(taken[0]!);
  expect(await fifth).toBe(taken[0]);
  for (const buffer of taken) buffers.giveBack(buffer);
  expect((await large).byteLength).toBe(40 * MIB);
  expect(order).toEqual(["fifth", "large"]);
});

test("a put that ends gives back what it holds, also while it waits for more", async () => {
  const buffers = new PartBuffers();
  const endless = async function* () {
    for (;;) yield bytesOf(MIB);
  };
  const holder = partsOf(endless(), buffers);
  for (let number = 1; number <= 4; number++) await holder.next(5 * MIB);
  const stop = new AbortController();
  const waiting = partsOf(endless(), buffers, stop.signal);
  const refused = expect(waiting.next(5 * MIB)).rejects.toThrow("stop");
  await setImmediate();
  stop.abort(new Error("stop"));
  await refused;
  await holder.close();
  const four = partsOf(endless(), buffers);
  for (let number = 1; number <= 4; number++) await four.next(5 * MIB);
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
