import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { PartHasher } from "./hashes.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

it("hashes parts the same, however the bytes come", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 })),
      fc.integer({ min: 1, max: 40 }),
      (chunks, size) => {
        const whole = Buffer.concat(chunks);
        const hasher = new PartHasher(size);
        for (const chunk of chunks) hasher.update(chunk);
        const parts: string[] = [];
        for (let from = 0; from < whole.length; from += size)
          parts.push(sha256(whole.subarray(from, from + size)));
        expect(hasher.finish()).toEqual({ bytes: whole.length, parts });
      },
    ),
  );
});
