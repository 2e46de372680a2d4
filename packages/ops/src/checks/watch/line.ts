import type { Paint } from "../../print.ts";
import type { VerdictName } from "../check.ts";
import { LOOK, sumLine } from "../formats/pretty.ts";
import type { CheckReport, CheckResult } from "../report.ts";

/** One line for each run; and one for each check that did not pass, or passes again, with the reason. */
export function runLines(
  report: CheckReport,
  before: ReadonlyMap<string, VerdictName>,
  paint: Paint,
): string {
  const changed = (check: CheckResult) => before.has(check.name) && before.get(check.name) !== check.verdict;
  const told = report.checks.filter((check) => check.verdict !== "passed" || changed(check));
  const lines = told.map((check) => {
    const { name, verdict, reason } = check;
    const { shape, colour } = LOOK[verdict];
    const since = changed(check) ? ` (was ${before.get(name)})` : "";
    return `  ${paint(colour, `${shape} ${verdict}`)}  ${name}  ${reason}${since}`;
  });
  return [`${report.startedAt}  ${sumLine(report, paint)}`, ...lines].join("\n");
}
