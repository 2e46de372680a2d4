import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Exposition, parseExposition } from "./exposition.ts";

const read = (text: string): Exposition => {
  const parsed = parseExposition(text);
  if ("line" in parsed) throw new Error(`line ${parsed.line} ${parsed.what}`);
  return parsed;
};

test("reads types, samples, labels and every kind of number", () => {
  const text = [
    "# HELP a Says \\n something.",
    "# TYPE a gauge",
    'a{x="1"} 1.5',
    'a{x="q\\"}b\\\\,\\n",y="2",} -2e3 1700000000000',
    "a NaN",
    'a{x="inf"} +Inf',
    "# a comment",
    "",
    'b_bucket{le="0.5"} 7 # {trace_id="abc"} 0.4 1700000000.1',
    "# EOF",
    "",
  ].join("\n");
  const { types, count, samples } = read(text);
  expect([...types]).toEqual([["a", "gauge"]]);
  expect(count).toBe(5);
  expect(samples("a").map(({ labels, value }) => [{ ...labels }, value])).toEqual([
    [{ x: "1" }, 1.5],
    [{ x: 'q"}b\\,\n', y: "2" }, -2000],
    [{}, Number.NaN],
    [{ x: "inf" }, Number.POSITIVE_INFINITY],
  ]);
  expect(samples("none")).toEqual([]);
});

describe("refuses", () => {
  test.each([
    ["words", "hello world", "is not a sample"],
    ["a value that is none", "a 0x10", "is not a sample"],
    ["a name that is none", "1a 1", "is not a sample"],
    ["a label that does not end", 'a{x="1} 1', "is not a sample"],
    ["a lone brace", "a{ 1", "is not a sample"],
    ["JSON", '{"a": 1}', "is not a sample"],
    ["a series twice", "a 1\na 2", "repeats a series"],
    ["an endless line", `a{x="${"y".repeat(70_000)}"} 1`, "is longer than 64 KiB"],
  ])("%s", (_what, text, what) => {
    expect(parseExposition(`ok 1\n${text}\n`)).toMatchObject({ what });
  });

  test("and names the line", () => {
    expect(parseExposition("# TYPE a gauge\n\na 1\noops\n")).toEqual({ line: 4, what: "is not a sample" });
  });
});

test("reads back any label value", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const written = value.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));
      fc.pre(!/[\r]/.test(value));
      expect(read(`a{x="${written}"} 1`).samples("a")[0]!.labels.x).toBe(value);
    }),
  );
});

test("answers, whatever it is given, and at once", () => {
  fc.assert(fc.property(fc.string(), (text) => parseExposition(text) !== undefined));
  const hostile = [
    'a{x="'.repeat(10_000),
    `a${" ".repeat(60_000)}`,
    `a 1${" ".repeat(60_000)}x`,
    `a{${"=".repeat(60_000)}`,
  ];
  const started = performance.now();
  for (const line of hostile) expect(parseExposition(line)).toHaveProperty("line", 1);
  expect(performance.now() - started).toBeLessThan(2_000);
});
