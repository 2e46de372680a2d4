import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { list, printable, quote, Redactor } from "./text.ts";

describe("quote", () => {
  test("spells out what a terminal would obey", () => {
    expect(quote("a\u001b[31mb\u202ec\nd\u2028e")).toBe('"a\\u{1b}[31mb\\u{202e}c\\u{a}d\\u{2028}e"');
  });

  test("cuts what is long and keeps its own quotation marks", () => {
    expect(quote(`say "${"x".repeat(100)}`)).toBe(`"say '${"x".repeat(75)}…"`);
  });

  test("leaves no control, format or separator character in any text", () => {
    const codes = fc.array(fc.integer({ min: 0, max: 0x10ffff }));
    fc.assert(
      fc.property(
        codes,
        (chosen) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(printable(String.fromCodePoint(...chosen))),
      ),
    );
  });
});

test("list reads like a sentence and counts the rest", () => {
  expect([list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c", "d"], 2)]).toEqual([
    "",
    "a",
    "a and b",
    "a, b and 2 more",
  ]);
});

describe("Redactor", () => {
  test("removes a secret plain, percent-encoded and in base64", () => {
    const redactor = new Redactor();
    redactor.add("top/secret");
    expect(redactor.redact("x top/secret top%2Fsecret dG9wL3NlY3JldA== y")).toBe(
      "x [redacted] [redacted] [redacted] y",
    );
  });

  test("removes a secret as JSON has it, and leaves nothing of one that holds another", () => {
    const redactor = new Redactor();
    redactor.add("open");
    redactor.add('open"sesame');
    expect(redactor.redact(`${JSON.stringify({ token: 'open"sesame' })} open"sesame open`)).toBe(
      '{"token":"[redacted]"} [redacted] [redacted]',
    );
  });

  test("does not take a short word for a secret", () => {
    const redactor = new Redactor();
    redactor.add("a");
    expect(redactor.redact("banana")).toBe("banana");
  });

  test("leaves no secret in any text", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!"[redacted]".includes(secret));
        const redactor = new Redactor();
        redactor.add(secret);
        expect(redactor.redact(`${before} ${secret} ${after}`)).toContain("[redacted]");
      }),
    );
  });
});
