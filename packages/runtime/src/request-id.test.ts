import fc from "fast-check";
import { expect, test } from "vitest";
import { requestIdOf, traceIdOf } from "./request-id.ts";

/** Any UTF-16, lone surrogates included. */
const anyText = (longest: number) =>
  fc.array(fc.nat(0xffff), { maxLength: longest }).map((codes) => String.fromCharCode(...codes));

test("a safe id is kept, anything else replaced by a safe one", () => {
  expect(requestIdOf("abc.DEF_1-2")).toBe("abc.DEF_1-2");
  fc.assert(
    fc.property(fc.oneof(fc.string(), anyText(50)), (given) => {
      expect(requestIdOf(given)).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
    }),
  );
  for (const bad of [undefined, "", ["a", "b"], "a".repeat(129), "a\r\nb", "a,b"]) {
    expect(requestIdOf(bad)).not.toBe(bad);
  }
});

test("made ids differ", () => {
  expect(new Set(Array.from({ length: 1000 }, () => requestIdOf(undefined))).size).toBe(1000);
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

test.each([
  [`00-${TRACE}-${PARENT}-01`, TRACE],
  [`cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`, TRACE],
  [`00-${TRACE}-${PARENT}-01-more`, undefined],
  [`ff-${TRACE}-${PARENT}-01`, undefined],
  [`00-${"0".repeat(32)}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${"0".repeat(16)}-01`, undefined],
  [`00-${TRACE.toUpperCase()}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${PARENT}-1`, undefined],
  [`00-${TRACE}-${PARENT}-01\n`, undefined],
  ["", undefined],
  [undefined, undefined],
  [["00", "01"], undefined],
])("traceparent %s", (header, traceId) => {
  expect(traceIdOf(header)).toBe(traceId);
});
