import { describe, isHtml, isRedirect } from "../content.ts";
import type { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";

/** True for the three honest ways to say no. A redirect, a login page and an error are none. */
export function isRefused({ status }: Answer): boolean {
  return status === 401 || status === 403 || status === 404;
}

/** Judges the answer to a request that had to be refused; `how` says what kind: `without credentials`. */
export function judgeRefusal(answer: Answer, how: string, findings: Findings): void {
  if (isRefused(answer)) {
    if (!/^# (?:HELP|TYPE) /m.test(answer.text ?? "")) return;
    const fix = "Decide before the metrics are written, not only before the status is.";
    findings.fail(
      `It refused a request ${how} with ${answer.status} and sent the metrics all the same.`,
      fix,
    );
    return;
  }
  if (isRedirect(answer)) {
    const fix = "Answer 401: a scraper that follows the redirect takes the page behind it for metrics.";
    findings.fail(`It answered ${describe(answer)} to a request ${how}, not a refusal.`, fix);
    return;
  }
  if (answer.status === 200 && isHtml(answer)) {
    const fix = "Answer 401: a login page with status 200 looks like success to every machine.";
    findings.fail(`It answered a web page with status 200 to a request ${how}.`, fix);
    return;
  }
  if (answer.status >= 200 && answer.status < 300) {
    const fix = "Set METRICS_TOKEN on the service, or close the path to all but the scraper.";
    findings.fail(`The gate is open: it answered ${describe(answer)} to a request ${how}.`, fix);
    return;
  }
  const fix = "Answer 401, 403 or 404, so that a refusal is told apart from a fault.";
  findings.fail(`It answered ${describe(answer)} to a request ${how}, neither metrics nor a refusal.`, fix);
}
