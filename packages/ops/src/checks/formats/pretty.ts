import type { Paint } from "../../print.ts";
import type { VerdictName } from "../check.ts";
import type { Evidence } from "../http.ts";
import type { CheckReport, CheckResult } from "../report.ts";
import { tries } from "./tries.ts";

/** Word, shape and colour: none of them alone reaches everybody. */
export const LOOK: Readonly<
  Record<VerdictName, { readonly shape: string; readonly colour: Parameters<Paint>[0] }>
> = {
  passed: { shape: "✓", colour: "green" },
  failed: { shape: "✗", colour: "red" },
  unknown: { shape: "?", colour: "yellow" },
};

/** The report for people: what did not pass says why, what to do, and what was seen. */
export function pretty(report: CheckReport, paint: Paint): string {
  const { service, checks } = report;
  const declared = service === undefined ? "" : ` (${service.name}, declaration ${service.declaration})`;
  const width = Math.max(...checks.map(({ name }) => name.length));
  return [
    `${paint("bold", report.url)}${declared}`,
    "",
    ...checks.flatMap((check) => checkLines(check, width, paint)),
    "",
    sumLine(report, paint),
  ].join("\n");
}

function checkLines(check: CheckResult, width: number, paint: Paint): string[] {
  const { shape, colour } = LOOK[check.verdict];
  const word = paint(colour, `${shape} ${check.verdict.padEnd(7)}`);
  const after = tries(check);
  const head = `${word}  ${check.name.padEnd(width)}  ${check.reason}${after === undefined ? "" : ` (${after})`} ${paint("dim", `${check.durationMs} ms`)}`;
  const lines = check.findings.flatMap(({ reason, fix }, index) => [
    ...(index === 0 ? [] : [`also: ${reason}`]),
    `${paint("bold", "fix:")} ${fix}`,
  ]);
  const notes = check.notes.map((note) => `note: ${note}`);
  const earlier = check.attempts
    .slice(0, -1)
    .map((attempt, index) => `attempt ${index + 1}: ${attempt.reason}`);
  const evidence =
    check.verdict === "passed" ? [] : (check.attempts.at(-1)?.evidence ?? []).map(evidenceText);
  const indent = " ".repeat("✓ unknown  ".length);
  const rest = [...lines, ...notes, ...earlier, ...evidence.map((line) => paint("dim", line))];
  return [head, ...rest.map((line) => indent + line)];
}

function evidenceText({ request, as, status, mediaType, bytes, durationMs, tls }: Evidence): string {
  const what = as === undefined ? request : `${request} (${as})`;
  const shown =
    tls === undefined ? [status, mediaType] : [tls.protocol, `${tls.subject} until ${tls.expires}`];
  const got = shown.filter(Boolean).join(" ") || (request.startsWith("TLS ") ? "no TLS" : "no HTTP answer");
  const size = bytes === undefined ? "" : `, ${bytes} bytes`;
  return `${what} → ${got}${size}, ${durationMs} ms`;
}

/** `3 passed, 1 failed in 120 ms` */
export function sumLine({ checks, durationMs }: CheckReport, paint: Paint): string {
  const verdicts: VerdictName[] = ["passed", "failed", "unknown"];
  const counts = verdicts.flatMap((verdict) => {
    const count = checks.filter((check) => check.verdict === verdict).length;
    if (count === 0 && verdict !== "passed") return [];
    const text = `${count} ${verdict}`;
    return [count === 0 ? text : paint(LOOK[verdict].colour, text)];
  });
  return `${counts.join(", ")} in ${durationMs} ms`;
}
