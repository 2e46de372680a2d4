import { NAMES } from "@seakeep/contract";
import type { Check, CheckContext, CommonCheckOptions } from "../check.ts";
import { asObject, describe, parseJson } from "../content.ts";
import { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { leaks } from "../leaks.ts";
import { pathOption } from "../option.ts";
import { quote } from "../text.ts";
import { problemFaults } from "./problem.ts";

/** Options of {@link problemShape}. */
export interface ProblemShapeOptions extends CommonCheckOptions {
  /** Look for the missing page below this path, such as `/api/` where the rest is a web site; default `/`. */
  readonly under?: string;
}

const MEDIA_TYPE = "application/problem+json";

/** Ids that the runtime accepts and hands back; see the names room. */
const SAFE_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Breaks out of HTML, of a log line's field and of the allowed length, and still is a valid header value. */
const HOSTILE_ID = `"><script>\\u000a level=error${"A".repeat(200)}`;

/**
 * What is not there is refused in good form: a GET and a POST to a path nobody has answer 404 as RFC 9457 problem
 * details whose `status` is the code, without a stack trace or a framework's name, and with a request id that cannot
 * be forged.
 *
 * @throws {SeakeepError} `SK-CHECK-005` when `under` does not begin with a slash.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 * @example
 * problemShape({ under: "/api/v1/" });
 */
export function problemShape(options: ProblemShapeOptions = {}): Check {
  const under = pathOption("problemShape", options.under ?? "/").replace(/\/$/, "");
  return {
    kind: "problem-shape",
    name: options.name ?? "problem-shape",
    async run(context) {
      const findings = new Findings();
      const { send, random } = context;
      const accept = { accept: `${MEDIA_TYPE}, application/json;q=0.9` };
      const path = `${under}/seakeep-check-${random()}`;

      const id = `seakeep-check-${random()}`;
      const get = findings.answer(
        await send({ path, headers: { ...accept, [NAMES.headers.requestId]: id }, as: "a path nobody has" }),
      );
      if (get !== undefined) {
        judge(get, "GET of a path nobody has", findings);
        judgeId(get, id, context, findings);
      }

      const post = findings.answer(
        await send({
          method: "POST",
          path,
          headers: { ...accept, "content-type": "application/json", [NAMES.headers.requestId]: HOSTILE_ID },
          body: "{}",
          as: "a path nobody has, with a hostile request id",
        }),
      );
      if (post !== undefined) {
        judge(post, "POST to a path nobody has", findings);
        judgeHostileId(post, findings);
      }
      return findings.conclude("GET and POST of a path nobody has answered 404 as problem details.");
    },
  };
}

function judge(answer: Answer, request: string, findings: Findings): void {
  for (const leak of leaks(answer)) {
    findings.fail(
      `${request}: the answer gives away ${leak}.`,
      "Send only what the caller may know: no trace, no path of the server, no name and version of software.",
    );
  }
  if (answer.status !== 404) {
    const fix = "Answer 404 for what no route matches: caches, crawlers and clients believe the code.";
    findings.fail(`${request} answered ${describe(answer)}, not 404.`, fix);
    return;
  }
  if (answer.mediaType !== MEDIA_TYPE) {
    const fix = `Send problem details (RFC 9457) as ${MEDIA_TYPE} from the not-found handler.`;
    findings.fail(`${request} answered ${describe(answer)}, not ${MEDIA_TYPE}.`, fix);
    return;
  }
  const problem = answer.text === undefined ? undefined : asObject(parseJson(answer.text)?.value);
  if (problem === undefined) {
    findings.fail(
      `${request} answered a body that is no JSON object.`,
      "Send one JSON object, as RFC 9457 has it.",
    );
    return;
  }
  for (const { what, fix } of problemFaults(problem, answer.status))
    findings.fail(`${request}: ${what}.`, fix);
}

function judgeId(answer: Answer, sent: string, { service }: CheckContext, findings: Findings): void {
  const got = answer.header(NAMES.headers.requestId);
  if (got === undefined && service !== undefined) {
    const fix = "Let observe() see every request, and let proxies pass X-Request-ID on.";
    findings.fail("The answer to a GET has no X-Request-ID, so a caller has nothing to quote.", fix);
  } else if (got === undefined) {
    findings.note("Answers carry no X-Request-ID.");
  } else if (got !== sent && SAFE_ID.test(got)) {
    findings.note("The X-Request-ID that was sent came back as another one.");
  } else if (got !== sent) {
    const fix = "Make ids of letters, digits, dots, hyphens and underscores.";
    findings.fail(`The answer to a GET has ${quote(got)} as X-Request-ID.`, fix);
  }
}

function judgeHostileId(answer: Answer, findings: Findings): void {
  const got = answer.header(NAMES.headers.requestId) ?? "";
  const reflected = answer.text?.includes(HOSTILE_ID.slice(0, 10)) ?? false;
  if ((got === "" || SAFE_ID.test(got)) && !reflected) return;
  findings.fail(
    "A hostile X-Request-ID came back as it was sent.",
    "Accept only [A-Za-z0-9._-]{1,128} from callers and make a new id otherwise: it ends in logs and pages.",
  );
}
