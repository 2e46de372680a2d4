import { createHash } from "node:crypto";
import { type SarifResult, type SarifRule, sarif as sarifLog } from "../../formats/sarif.ts";
import { version } from "../../version.ts";
import type { CheckReport, CheckResult } from "../report.ts";
import { tries } from "./tries.ts";

const DOCS = "https://github.com/seakeep/seakeep/blob/main/docs/reference/checks.md";

/**
 * SARIF 2.1.0: each check is a rule, each finding a result (`error` when failed, `warning` when the check could not
 * tell), and so is a pass that took more than one attempt (`note`).
 *
 * @param file the operations file, below the repository's root; without one findings point at the service's URL
 */
export function sarif(report: CheckReport, file?: string): object {
  const place = { file: file ?? report.url };
  const rules: SarifRule[] = report.checks.map(({ name, kind }) => ({
    id: name,
    description: name === kind ? `The ${kind} check.` : `The ${kind} check ${name}.`,
    helpUri: DOCS,
  }));
  const results = report.checks.flatMap(resultsOf).map((result): SarifResult => ({ ...result, place }));
  return sarifLog({
    tool: { name: "seakeep check", version: version() },
    rules,
    results,
    complete: report.verdict !== "unknown",
  });
}

function resultsOf(check: CheckResult): SarifResult[] {
  const { name, reason, findings } = check;
  const after = tries(check);
  if (check.verdict === "passed") {
    return after === undefined ? [] : [{ ruleId: name, level: "note", message: `${after}: ${reason}` }];
  }
  const prefix = after === undefined ? "" : `${after}: `;
  return findings.map(({ verdict, reason, fix }) => ({
    ruleId: name,
    level: verdict === "failed" ? "error" : "warning",
    message: `${prefix}${reason} ${fix}`,
    fingerprint: fingerprint(name, reason),
  }));
}

/** Figures differ from run to run; what is wrong stays the same. */
function fingerprint(name: string, reason: string): string {
  return createHash("sha256")
    .update(`${name}\n${reason.replace(/\d+/g, "0")}`)
    .digest("hex")
    .slice(0, 16);
}
