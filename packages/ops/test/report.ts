import type { CheckReport, CheckResult } from "../src/checks/report.ts";

const passed: CheckResult = {
  name: "health",
  kind: "health",
  verdict: "passed",
  reason: "GET /healthz answered 200.",
  findings: [],
  notes: [],
  durationMs: 4,
  attempts: [{ verdict: "passed", reason: "GET /healthz answered 200.", durationMs: 4, evidence: [] }],
};

const late: CheckResult = {
  ...passed,
  name: "ready",
  attempts: [
    { verdict: "unknown", reason: "It hung up.", durationMs: 1, evidence: [] },
    { verdict: "unknown", reason: "It hung up again.", durationMs: 1, evidence: [] },
    ...passed.attempts,
  ],
};

/** What a stranger sends to break out of a format. */
export const HOSTILE = 'a % \r\n::error::<b>&"]]> # not ok 9 \\ \u0000\ud800 ... --- :,';

const failed: CheckResult = {
  name: "metrics-gate",
  kind: "metrics-gate",
  verdict: "failed",
  reason: "The gate is open.",
  fix: "Close it.",
  findings: [
    { verdict: "failed", reason: "The gate is open.", fix: "Close it." },
    { verdict: "unknown", reason: `It said ${HOSTILE}`, fix: "Set it." },
  ],
  notes: ["Loopback is let in."],
  durationMs: 9,
  attempts: [
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
        { request: "GET http://shop/metrics", durationMs: 2, problem: "It hung up." },
      ],
    },
  ],
};

const unknown: CheckResult = {
  ...passed,
  name: HOSTILE,
  kind: "function",
  verdict: "unknown",
  reason: "It is silent.",
  fix: "Start it.",
  findings: [{ verdict: "unknown", reason: "It is silent.", fix: "Start it." }],
};

/** A report with each verdict, one of them reached at the third attempt, and with words of a hostile service. */
export const report: CheckReport = {
  ok: false,
  verdict: "failed",
  url: "http://shop/",
  service: { name: "shop", declaration: "0123456789abcdef" },
  startedAt: "2026-11-23T08:00:00.000Z",
  durationMs: 1_013,
  checks: [passed, late, failed, unknown],
};

/** The same without what is wrong. */
export const passing: CheckReport = { ...report, ok: true, verdict: "passed", checks: [passed, late] };
