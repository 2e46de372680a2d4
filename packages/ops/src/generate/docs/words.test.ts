import { describe, expect, it } from "vitest";
import { code, escaped, inWords, percentage, table } from "./words.ts";

describe("inWords", () => {
  it.each([
    [0, "0 s"],
    [250, "250 ms"],
    [864, "864 ms"],
    [518_400, "8 min 38 s"],
    [2_592_000, "43 min 12 s"],
    [25_920_000, "7 h 12 min"],
    [86_400_000, "24 h"],
    [30 * 86_400_000, "30 d"],
    [3_600_000, "1 h"],
  ])("says %d ms as %s", (ms, words) => {
    expect(inWords(ms)).toBe(words);
  });
});

describe("percentage", () => {
  it.each([
    [0.144, "14.4 %"],
    [0.0005789, "0.0579 %"],
    [1, "100 %"],
  ])("says %d as %s", (share, words) => {
    expect(percentage(share)).toBe(words);
  });
});

describe("table", () => {
  it("aligns its columns", () => {
    expect(table(["A", "Long"], [["one", "1"]]).split("\n")).toEqual([
      "| A   | Long |",
      "| --- | ---- |",
      "| one | 1    |",
    ]);
  });

  it("is not broken by what stands in it", () => {
    expect([escaped("a|b <script> *c*"), code("/a|b")]).toEqual(["a\\|b &lt;script> \\*c\\*", "`/a\\|b`"]);
  });
});
