import type { Evidence } from "../http.ts";
import type { CheckReport, CheckResult } from "../report.ts";
import { tries } from "./tries.ts";

/**
 * JUnit XML, in the shape that Jenkins, GitLab, GitHub actions and Azure read. A failed check is a `failure`, one that
 * could not tell an `error`.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function junit({ url, service, startedAt, durationMs, checks }: CheckReport): string {
  const count = (verdict: string) => checks.filter((check) => check.verdict === verdict).length;
  const suite = {
    name: service === undefined ? "seakeep check" : `seakeep check ${service.name}`,
    tests: checks.length,
    failures: count("failed"),
    errors: count("unknown"),
    skipped: 0,
    time: seconds(durationMs),
    timestamp: startedAt.replace(/\.\d+Z$/, ""),
    hostname: new URL(url).hostname,
  };
  const { name, tests, failures, errors, skipped, time } = suite;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, tests, failures, errors, skipped, time })}>`,
    `  <testsuite${attributes(suite)}>`,
    ...checks.flatMap((check) => testCase(check, suite.name)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(check: CheckResult, suite: string): string[] {
  const { name, verdict, reason, durationMs } = check;
  const after = tries(check);
  const title = after === undefined ? name : `${name} (${after})`;
  const open = `    <testcase${attributes({ classname: suite, name: title, time: seconds(durationMs) })}>`;
  const output = `      <system-out>${escaped(outputOf(check))}</system-out>`;
  if (verdict === "passed") return [open, output, "    </testcase>"];
  const element = verdict === "failed" ? "failure" : "error";
  const text = check.findings.map((finding) => `${finding.reason}\nfix: ${finding.fix}`).join("\n\n");
  const told = `      <${element}${attributes({ message: reason, type: verdict })}>${escaped(text)}</${element}>`;
  return [open, told, output, "    </testcase>"];
}

function outputOf({ reason, notes, attempts }: CheckResult): string {
  const earlier = attempts.slice(0, -1).map((attempt, index) => `attempt ${index + 1}: ${attempt.reason}`);
  const evidence = (attempts.at(-1)?.evidence ?? []).map(exchange);
  return [reason, ...notes.map((note) => `note: ${note}`), ...earlier, ...evidence].join("\n");
}

function exchange({ request, as, status, mediaType, durationMs, problem }: Evidence): string {
  const got = problem ?? [status, mediaType].filter(Boolean).join(" ");
  return `${request}${as === undefined ? "" : ` (${as})`}: ${got}, ${durationMs} ms`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll("\n", "&#10;")}"`)
    .join("");
}

/** What XML 1.0 has no place for (section 2.2), also not escaped. */
const IMPOSSIBLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function escaped(text: string): string {
  return text
    .replace(IMPOSSIBLE, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
