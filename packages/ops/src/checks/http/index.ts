import type { Check, CommonCheckOptions } from "../check.ts";
import { expectationOption, type HttpExpectation, judgeAnswer } from "../exchange/expectation.ts";
import { fillIn, type HttpRequest } from "../exchange/request.ts";
import { sendTimed } from "../exchange/timed.ts";
import { Findings } from "../findings.ts";
import { pathOption } from "../option.ts";

/** Options of {@link http}. */
export interface HttpOptions extends HttpRequest, CommonCheckOptions {
  /** What the answer must be like; default: a status from 200 to 299. */
  readonly expect?: HttpExpectation;
}

/**
 * One request, and what its answer must be like: status, headers, JSON by schema or by value, time and size.
 *
 * @throws {SeakeepError} `SK-CHECK-005` when the path does not begin with a slash, `SK-CHECK-008` when an expectation
 * makes no sense; at run time `SK-CHECK-006` when a secret cannot be a header's value.
 * @example
 * http({ path: "/api/v1/courses/?limit=1", expect: { json: { "/items/0/status": "published" }, within: "500ms" } });
 */
export function http(options: HttpOptions): Check {
  const { name, expect = {}, ...request } = options;
  const path = pathOption("http()", request.path);
  expectationOption("http()", expect);
  const title = `${request.method ?? "GET"} ${path}`;
  return {
    kind: "http",
    name: name ?? "http",
    async run(context) {
      const findings = new Findings();
      const filled = await fillIn(request, context);
      if ("missing" in filled) {
        findings.unsure(
          `${title} was not sent, for ${filled.missing} is not set here.`,
          `Set ${filled.missing}, or ${filled.missing}_FILE to a file that holds it.`,
        );
        return findings.conclude("");
      }
      const answer = findings.answer(await sendTimed(context.send, filled, expect, findings), expect.status);
      if (answer !== undefined) await judgeAnswer(answer, title, expect, findings);
      return findings.conclude(`${title} answered ${answer?.status} as expected.`);
    },
  };
}
