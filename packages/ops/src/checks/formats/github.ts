import { annotation } from "../../formats/github.ts";
import type { CheckReport, CheckResult } from "../report.ts";
import { tries } from "./tries.ts";

/**
 * Annotations of GitHub Actions: an error for each finding of a failed check, a warning where a check could not tell, a
 * notice for one that passed at a later attempt, and one line of sums.
 *
 * @param file the operations file, below the repository's root
 */
export function github(report: CheckReport, file?: string): string {
  const place = file === undefined ? {} : { file };
  const lines = report.checks.flatMap((check) =>
    linesOf(check).map((line) => annotation({ ...place, ...line })),
  );
  const passed = report.checks.filter(({ verdict }) => verdict === "passed").length;
  const sum = `${passed} of ${report.checks.length} checks of ${report.url} passed.`;
  return [...lines, annotation({ level: "notice", title: "seakeep check", message: sum }), ""].join("\n");
}

type Line = Pick<Parameters<typeof annotation>[0], "level" | "title" | "message">;

function linesOf(check: CheckResult): Line[] {
  const { name, findings, reason } = check;
  const after = tries(check);
  if (check.verdict === "passed") {
    return after === undefined ? [] : [{ level: "notice", title: `${name}: ${after}`, message: reason }];
  }
  return findings.map(({ verdict, reason, fix }) => ({
    level: verdict === "failed" ? "error" : "warning",
    title: `${name}: ${after ?? verdict}`,
    message: `${reason}\nfix: ${fix}`,
  }));
}
