import { describe, expect, it } from "vitest";
import { reasonOf } from "./reason.ts";

describe("reasonOf", () => {
  it.each([
    [new Error("connect ECONNREFUSED 127.0.0.1:5432"), "connect ECONNREFUSED 127.0.0.1:5432"],
    ["timed out", "timed out"],
    [
      new Error("cannot reach postgres://app:hunter2@db:5432/x"),
      "cannot reach postgres://[redacted]@db:5432/x",
    ],
    [new Error("postgres://app:p/w@rd@db and http://b"), "postgres://[redacted]@db and http://b"],
    [new Error(`no, ${"no, ".repeat(200)}`), `${"no, ".repeat(125)}…`],
    [new Error(`${"x".repeat(480)} postgres://app:hunter2@db`), `${"x".repeat(480)} …`],
  ])("%s", (thrown, reason) => {
    expect(reasonOf(thrown)).toBe(reason);
  });

  it.each([undefined, null, 7, {}, Object.create(null), new Error("")])(
    "gives none for case %#",
    (thrown) => {
      expect(reasonOf(thrown)).toBe("no reason was given");
    },
  );

  it("takes no longer for hostile text", () => {
    expect(reasonOf("//".repeat(1_000_000))).toBe("…");
  });
});
