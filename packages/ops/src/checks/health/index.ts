import { NAMES } from "@seakeep/contract";
import type { Check, CommonCheckOptions } from "../check.ts";
import { asObject, describe, isHtml, isJson, isRedirect, parseJson } from "../content.ts";
import { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { pathOption } from "../option.ts";
import { list, printable, quote } from "../text.ts";
import { toldByHealth } from "../version/told.ts";
import { type Claim, claims } from "./claims.ts";

/**
 * The service says that it is well, and means it: status 200, and a JSON body that does not contradict it. A redirect,
 * a web page and a "fail" inside a 200 are failures.
 *
 * @param path default `/healthz`
 * @throws {SeakeepError} `SK-CHECK-005` when the path does not begin with a slash.
 * @see https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
 * @example
 * health("/readyz", { name: "ready" });
 */
export function health(path: string = NAMES.paths.health, options: CommonCheckOptions = {}): Check {
  const asked = pathOption("health()", path);
  return {
    kind: "health",
    name: options.name ?? "health",
    async run({ send }) {
      const findings = new Findings();
      const headers = { accept: "application/json, application/health+json, */*;q=0.5" };
      const answer = findings.answer(await send({ path: asked, headers, tells: toldByHealth }));
      if (answer !== undefined) judge(answer, `GET ${asked}`, findings);
      return findings.conclude(`GET ${asked} answered 200 and nothing in it says otherwise.`);
    },
  };
}

function judge(answer: Answer, request: string, findings: Findings): void {
  if (isRedirect(answer)) {
    const fix =
      "Answer the health path itself: probes do not follow redirects, and what is behind may be well alone.";
    findings.fail(`${request} answered ${describe(answer)}, a redirect and not a health report.`, fix);
    return;
  }
  const parsed = parseJson(answer.text ?? "");
  const found = claims(parsed === undefined ? { body: answer.text?.trim() } : parsed.value);
  const bad = found.filter(({ claim }) => claim === "bad").map(saying);
  if (answer.status !== 200) {
    const because = bad.length > 0 ? ` (${list(bad)})` : "";
    findings.fail(
      `${request} answered ${describe(answer)}, not 200${because}.`,
      answer.status === 404
        ? "Correct the path, or let observe() serve it."
        : "Look at the part that it names, and at its log.",
    );
    return;
  }
  if (isHtml(answer)) {
    const fix = "Answer the health path before any login or catch-all page does.";
    findings.fail(`${request} answered a web page, not a health report.`, fix);
    return;
  }
  if (answer.text === undefined) {
    findings.fail(`${request} answered bytes that are not UTF-8 text.`, "Answer JSON, or a plain word.");
    return;
  }
  if (isJson(answer) && parsed === undefined) {
    const fix = "Send valid JSON, whole.";
    findings.fail(`${request} answered 200 with a body that is not the JSON its Content-Type promises.`, fix);
    return;
  }
  if (bad.length > 0) {
    const fix =
      "Make the status code say what the body says (503 when it fails): machines read only the code.";
    findings.fail(`${request} answered 200 and says inside: ${list(bad)}.`, fix);
  }
  judgeStatus(asObject(parsed?.value)?.status, request, findings);
  judgeFreshness(answer, request, findings);
}

function saying({ path, value }: Claim): string {
  return path === "body" ? quote(value) : `${printable(path)} is ${quote(value)}`;
}

function judgeStatus(status: unknown, request: string, findings: Findings): void {
  const claim = claims({ status })[0]?.claim;
  if (claim === "warning") findings.note(`It reports ${quote(String(status))}: it serves, with a warning.`);
  if (claim !== undefined || typeof status !== "string") return;
  const fix = 'Say "pass", "warn" or "fail", so that a machine can tell.';
  findings.unsure(`${request} answered 200 and calls its status ${quote(status)}, neither yes nor no.`, fix);
}

/** A cache can be in good health long after the service died. */
function judgeFreshness(answer: Answer, request: string, findings: Findings): void {
  const age = Number(answer.header("age") ?? 0);
  if (!(age > 0)) return;
  const fix = "Send Cache-Control: no-store with it, and exempt the path in the cache.";
  findings.unsure(`${request} was answered by a cache, from ${age} s ago.`, fix);
}
