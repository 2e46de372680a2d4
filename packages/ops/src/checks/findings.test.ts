import { expect, test } from "vitest";
import { Findings } from "./findings.ts";

test("nothing found is a pass, and notes are no ground against it", () => {
  const findings = new Findings();
  findings.note("by the way");
  expect(findings.conclude("All is well.")).toEqual({
    verdict: "passed",
    reason: "All is well.",
    findings: [],
    notes: ["by the way"],
  });
});

test("failure dominates not knowing, whichever came first", () => {
  const findings = new Findings();
  findings.unsure("could not see", "look again");
  findings.fail("is wrong", "mend it");
  const verdict = findings.conclude("All is well.");
  expect(verdict).toMatchObject({ verdict: "failed", reason: "is wrong", fix: "mend it" });
  expect(verdict.findings.map(({ reason }) => reason)).toEqual(["is wrong", "could not see"]);
});

test("not knowing is no pass", () => {
  const findings = new Findings();
  findings.unsure("could not see", "look again");
  expect(findings.conclude("All is well.").verdict).toBe("unknown");
});

test("a broken answer fails, a silent one is unknown, and so is being rate-limited", () => {
  const broken = new Findings();
  expect(broken.answer({ kind: "broken", reason: "cut", fix: "mend" })).toBeUndefined();
  const silent = new Findings();
  expect(silent.answer({ kind: "silent", reason: "nobody", fix: "start" })).toBeUndefined();
  const limited = new Findings();
  const answer = {
    kind: "answer",
    mediaType: "",
    text: "",
    bytes: 0,
    durationMs: 1,
    busyMs: 0,
    header: () => undefined,
  } as const;
  expect(limited.answer({ ...answer, status: 429 })).toBeUndefined();
  const fine = new Findings();
  expect(fine.answer({ ...answer, status: 200 })?.status).toBe(200);
  expect([broken, silent, limited, fine].map((one) => one.conclude("").verdict)).toEqual([
    "failed",
    "unknown",
    "unknown",
    "passed",
  ]);
});

test("many findings are cut and counted", () => {
  const findings = new Findings();
  for (let index = 0; index < 25; index++) findings.fail(`fault ${index}`, "mend it");
  const verdict = findings.conclude("");
  expect(verdict.findings).toHaveLength(10);
  expect(verdict.notes).toEqual(["15 more findings are not listed."]);
});
