import { describe, expect, it } from "vitest";
import { unifiedDiff } from "./diff.ts";

describe("unifiedDiff", () => {
  it("reads like diff -u, from what is there to what is asked for", () => {
    expect(unifiedDiff("a.yml", "one\ntwo\n", "one\n2\n").split("\n")).toEqual([
      "--- a.yml\tas it is",
      "+++ a.yml\tas declared",
      "@@ -1,2 +1,2 @@",
      " one",
      "-two",
      "+2",
    ]);
  });

  it("says how much of a long one it leaves out", () => {
    const lines = unifiedDiff("a.yml", "", "x\n".repeat(500)).split("\n");
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toBe("... 303 more lines");
  });
});
