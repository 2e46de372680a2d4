import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { show, showPath } from "./show.ts";

const cycle: Record<string, unknown> = { name: "x" };
cycle.self = cycle;

describe("show", () => {
  test.each([
    [undefined, "nothing"],
    [null, "null"],
    ['a "quote"', '"a \\"quote\\""'],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [10n, "10n"],
    [Symbol("x"), "Symbol(x)"],
    [() => 1, "a function"],
    [{}, "{}"],
    [[], "[]"],
    [[1, "b", [Number.NaN]], '[1, "b", [NaN]]'],
    [{ a: 1, "b c": undefined }, '{ a: 1, "b c": nothing }'],
    [cycle, '{ name: "x", self: { name: "x", self: { name: "x", self: {…} } } }'],
    [[[[[1]]]], "[[[[…]]]]"],
    [Object.create(null), "{}"],
  ])("%# writes a value as a reader would", (value, expected) => {
    expect(show(value)).toBe(expected);
  });

  it("escapes what would break or redraw the line it stands on", () => {
    expect(show("a\nb\u001b[31m\u202e\u2028\u200b\u009b\ud800")).toBe(
      String.raw`"a\nb\u001b[31m\u202e\u2028\u200b\u009b\ud800"`,
    );
  });

  it("cuts long values between characters", () => {
    expect(show("x".repeat(1_000_000))).toBe(`"${"x".repeat(79)}…`);
    expect(show("😀".repeat(100))).not.toMatch(/\p{Cs}/u);
  });

  it("survives values that throw when read", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = {
      get secret(): string {
        throw new Error("no");
      },
    };
    expect(show(proxy)).toBe("a value that cannot be read");
    expect(show(hostile)).toBe("a value that cannot be read");
  });

  it("gives one short printable line for anything", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
        (value) => {
          const text = show(value);
          expect(text.length).toBeLessThanOrEqual(81);
          expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        },
      ),
    );
  });
});

describe("showPath", () => {
  test.each([
    [["slos", 2, "threshold"], "slos[2].threshold"],
    [["odd key", "x"], '["odd key"].x'],
    [["a", "b\n"], String.raw`a["b\n"]`],
  ])("%j", (keys, expected) => {
    expect(showPath("", keys)).toBe(expected);
  });

  it("goes on from a root, and cuts endless keys", () => {
    expect(showPath("slos[0]", ["objective"])).toBe("slos[0].objective");
    expect(showPath("", ["k".repeat(10_000)]).length).toBeLessThan(100);
    expect(showPath("", [" ".repeat(10_000)]).length).toBeLessThan(100);
  });
});
