import { stringify } from "yaml";
import type { CheckReport, CheckResult } from "../report.ts";
import { tries } from "./tries.ts";

/**
 * TAP 14. A check that could not tell is `not ok`, and its diagnostics say which of the two it is.
 *
 * @see https://testanything.org/tap-version-14-specification.html
 */
export function tap({ url, checks }: CheckReport): string {
  const lines = checks.flatMap((check, index) => point(check, index + 1));
  return ["TAP version 14", `1..${checks.length}`, `# ${line(url)}`, ...lines, ""].join("\n");
}

function point(check: CheckResult, number: number): string[] {
  const { verdict, name, kind, durationMs, notes, findings, reason, attempts } = check;
  const after = tries(check);
  const title = escaped(after === undefined ? name : `${name} (${after})`);
  const diagnostics = {
    verdict,
    kind,
    reason,
    duration_ms: durationMs,
    ...(findings.length === 0 ? {} : { findings: findings.map(({ reason, fix }) => ({ reason, fix })) }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(attempts.length === 1
      ? {}
      : { attempts: attempts.map(({ verdict, reason }) => ({ verdict, reason })) }),
  };
  const yaml = stringify(diagnostics, { lineWidth: 0, blockQuote: false }).trimEnd().split("\n");
  return [
    `${verdict === "passed" ? "ok" : "not ok"} ${number} - ${title}`,
    "  ---",
    ...yaml.map((text) => `  ${text}`),
    "  ...",
  ];
}

function escaped(text: string): string {
  return line(text).replace(/[\\#]/g, "\\$&");
}

function line(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
