import fc from "fast-check";
import { expect, it } from "vitest";
import { streamOf } from "../../../test/backup/fake-engine.ts";
import { readAhead } from "./read-ahead.ts";

/** A stream that writes its next bytes over those that it lent. */
async function* lending(bytes: Uint8Array, chunk: number): AsyncGenerator<Uint8Array, void> {
  const buffer = Buffer.alloc(chunk);
  for await (const piece of streamOf(bytes, chunk)) {
    buffer.fill(0).set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("passes on the same bytes, whoever is faster", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 60 }),
      fc.boolean(),
      async (bytes, chunk, capacity, slow) => {
        const got: Buffer[] = [];
        for await (const piece of readAhead(lending(bytes, chunk), capacity)) {
          // Lent bytes stay as they are until the next are asked for.
          if (slow) await turn();
          got.push(Buffer.from(piece));
        }
        expect(Buffer.concat(got).equals(bytes)).toBe(true);
      },
    ),
  );
});

it("reads so many bytes ahead, and no more", async () => {
  let given = 0;
  const body = (async function* () {
    for (;;) {
      given += 10;
      yield new Uint8Array(10);
    }
  })();
  const ahead = readAhead(body, 100);
  await ahead.next();
  for (let count = 0; count < 50; count++) await turn();
  expect(given).toBe(110);
  await ahead.return();
});

it("fails as the stream did, after what came before", async () => {
  const body = (async function* () {
    yield Buffer.from("before");
    throw new Error("pg_dump is gone");
  })();
  const ahead = readAhead(body, 100);
  expect(String((await ahead.next()).value)).toBe("before");
  await expect(ahead.next()).rejects.toThrow("pg_dump is gone");
});

it.each([1000, 20])("lets the stream go when nobody wants more of it (room for %d)", async (capacity) => {
  let closed = false;
  const body = (async function* () {
    try {
      for (;;) {
        await turn();
        yield new Uint8Array(10);
      }
    } finally {
      closed = true;
    }
  })();
  for await (const _ of readAhead(body, capacity)) break;
  for (let count = 0; count < 5; count++) await turn();
  expect(closed).toBe(true);
});
