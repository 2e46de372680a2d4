import fc from "fast-check";
import { expect, it } from "vitest";
import { collect, streamOf } from "../../../test/backup/fake-engine.ts";
import { piecesOf } from "./pieces.ts";

it("cuts a stream into full pieces and a last one, whatever its chunks, and loses nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 60 }),
      async (bytes, chunk, most) => {
        const pieces: Buffer[] = [];
        for await (const piece of piecesOf(streamOf(bytes, chunk), most)) pieces.push(await collect(piece));
        expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
        expect(pieces).toHaveLength(Math.max(1, Math.ceil(bytes.length / most)));
        for (const piece of pieces.slice(0, -1)) expect(piece).toHaveLength(most);
      },
    ),
  );
});

it("lets the stream go when nobody wants more of it", async () => {
  let closed = false;
  const body = (async function* () {
    try {
      for (;;) yield new Uint8Array(10);
    } finally {
      closed = true;
    }
  })();
  for await (const piece of piecesOf(body, 100)) {
    await piece.next();
    break;
  }
  await Promise.resolve();
  expect(closed).toBe(true);
});
