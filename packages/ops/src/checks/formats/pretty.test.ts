import { expect, test } from "vitest";
import type { CheckReport, CheckResult } from "../report.ts";
import { pretty } from "./pretty.ts";

const plain = (_colour: string, text: string): string => text;

const passed: CheckResult = {
  name: "health",
  kind: "health",
  verdict: "passed",
  reason: "GET /healthz answered 200.",
  findings: [],
  notes: [],
  durationMs: 4,
  attempts: [{ verdict: "passed", reason: "", durationMs: 4, evidence: [] }],
};

const failed: CheckResult = {
  name: "metrics-gate",
  kind: "metrics-gate",
  verdict: "failed",
  reason: "The gate is open.",
  fix: "Close it.",
  findings: [
    { verdict: "failed", reason: "The gate is open.", fix: "Close it." },
    { verdict: "unknown", reason: "The token was not tried.", fix: "Set it." },
  ],
  notes: ["Loopback is let in."],
  durationMs: 9,
  attempts: [
    { verdict: "unknown", reason: "It hung up.", durationMs: 1, evidence: [] },
    {
      verdict: "failed",
      reason: "The gate is open.",
      durationMs: 8,
      evidence: [
        {
          request: "GET http://shop/metrics",
          as: "without credentials",
          status: 200,
          mediaType: "text/plain",
          bytes: 12,
          durationMs: 3,
        },
        { request: "GET http://shop/metrics", durationMs: 2, problem: "hung up" },
      ],
    },
  ],
};

const report: CheckReport = {
  ok: false,
  verdict: "failed",
  url: "http://shop/",
  service: { name: "shop", declaration: "0123456789abcdef" },
  startedAt: "2026-11-23T08:00:00.000Z",
  durationMs: 13,
  checks: [passed, failed],
};

test("says who, what, why, what to do and what was seen, and sums up", () => {
  expect(pretty(report, plain)).toBe(
    [
      "http://shop/ (shop, declaration 0123456789abcdef)",
      "",
      "✓ passed   health        GET /healthz answered 200. 4 ms",
      "✗ failed   metrics-gate  The gate is open. (failed after 2 attempts) 9 ms",
      "           fix: Close it.",
      "           also: The token was not tried.",
      "           fix: Set it.",
      "           note: Loopback is let in.",
      "           attempt 1: It hung up.",
      "           GET http://shop/metrics (without credentials) → 200 text/plain, 12 bytes, 3 ms",
      "           GET http://shop/metrics → no HTTP answer, 2 ms",
      "",
      "1 passed, 1 failed in 13 ms",
    ].join("\n"),
  );
});

test("counts what is unknown, and says so when nothing passed", () => {
  const unknown: CheckResult = { ...passed, verdict: "unknown" };
  const text = pretty({ ...report, checks: [unknown] }, plain);
  expect(text).toMatch(/^\? unknown {2}health/m);
  expect(text).toMatch(/^0 passed, 1 unknown in 13 ms$/m);
});
