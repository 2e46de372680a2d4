import fc from "fast-check";
import { expect, test } from "vitest";
import { quote, visible } from "./json-text.ts";

/** Any UTF-16, lone surrogates included. */
const anyText = (longest: number) =>
  fc.array(fc.nat(0xffff), { maxLength: longest }).map((codes) => String.fromCharCode(...codes));

test("plain text is quoted as it is", () => {
  expect(quote("/api/v1/courses/7/")).toBe('"/api/v1/courses/7/"');
  expect(JSON.parse(quote('a "b" \\ é 漢 🎓'))).toBe('a "b" \\ é 漢 🎓');
});

test.each([
  ["\n", "\\u000a"],
  ["\u001b[31m", "\\u001b[31m"],
  ["\u009b31m", "\\u009b31m"],
  ["\u202egnp.exe", "\\u202egnp.exe"],
  ["\u2028", "\\u2028"],
  ["\u2066\u2069", "\\u2066\\u2069"],
  ["\ud800x", "\\ud800x"],
  ["x\udc00", "x\\udc00"],
  ["\u{e0041}", "\\u{e0041}"],
  ["\ufeff", "\\ufeff"],
])("%j becomes visible, also after decoding", (unsafe, shown) => {
  expect(visible(unsafe)).toBe(shown);
  expect(JSON.parse(quote(unsafe))).toBe(shown);
});

test("long text is cut and says so", () => {
  expect(visible("x".repeat(2000), 10)).toBe("xxxxxxxxxx[1990 more characters]");
});

test("whatever comes, one line of valid JSON comes out, short and without control characters", () => {
  fc.assert(
    fc.property(anyText(1200), (text) => {
      const literal = quote(text);
      const decoded: string = JSON.parse(literal);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
      expect(literal + decoded).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
      expect(() => encodeURIComponent(decoded)).not.toThrow();
      expect(literal.length).toBeLessThan(20_000);
    }),
  );
});
