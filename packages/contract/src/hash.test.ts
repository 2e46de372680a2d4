import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { declarationHash } from "./hash.ts";

describe("declarationHash", () => {
  it("is 16 hex digits and stays what it was", () => {
    expect(declarationHash({ name: "x", list: [1, { b: 2, a: 1 }] })).toBe("0e83ed9c1bd3cba4");
  });

  it("does not depend on the order of keys, at any depth", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const reversed = Object.fromEntries(Object.entries(data).reverse());
        expect(declarationHash({ inner: reversed })).toBe(declarationHash({ inner: data }));
      }),
    );
    expect(declarationHash([{ a: 1, b: { c: 1, d: 2 } }])).toBe(
      declarationHash([{ b: { d: 2, c: 1 }, a: 1 }]),
    );
  });

  it("leaves functions out", () => {
    expect(declarationHash({ a: 1, run: () => 1 })).toBe(declarationHash({ a: 1, run: () => 2 }));
    expect(declarationHash({ a: 1, run: () => 1 })).toBe(declarationHash({ a: 1 }));
  });

  it("sees every change of data, the order of lists too", () => {
    expect(declarationHash({ a: [1, 2] })).not.toBe(declarationHash({ a: [2, 1] }));
    expect(declarationHash({ a: 1 })).not.toBe(declarationHash({ a: 2 }));
    expect(declarationHash({ a: 1 })).not.toBe(declarationHash({ b: 1 }));
    expect(declarationHash({ a: 1 })).not.toBe(declarationHash({ a: "1" }));
  });
});
