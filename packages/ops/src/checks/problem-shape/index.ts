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
 * be forged. So are a method that is not allowed, which names those that are, and a path that cannot be decoded.
 *
 * @throws {SeakeepError} `SK-CHECK-005` when `under` does not begin with a slash.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 * @example
 * problemShape({ under: "/api/v1/" });
 */
export function problemShape(options: ProblemShapeOptions = {}): Check {
  const under = pathOption("problemShape()", options.under ?? "/").replace(/\/$/, "");
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
      await judgeMethod(context, findings);
      await judgeMalformed(under, context, findings);
      return findings.conclude("What is not there, not allowed or not readable is refused in good form.");
    },
  };
}

/** A method that changes nothing (RFC 4918), and that next to nobody implements. */
const ODD_METHOD = "PROPFIND";

/** Asks for a method that is not allowed where something is: a declared route, else the health path. */
async function judgeMethod({ send, service }: CheckContext, findings: Findings): Promise<void> {
  const route = service?.routes.find(({ method, template }) => method === "GET" && !/[:{*]/.test(template));
  const path = route?.template ?? NAMES.paths.health;
  const answer = findings.answer(await send({ method: ODD_METHOD, path, as: "a method that nobody has" }));
  if (answer === undefined) return;
  const request = `${ODD_METHOD} ${path}`;
  judgeLeaks(answer, request, findings);
  if (answer.status === 405 && answer.header("allow") === undefined) {
    const fix = "Name the methods that are allowed in Allow (RFC 9110, section 15.5.6).";
    findings.fail(`${request} answered 405 without Allow.`, fix);
  }
  // 501 is for methods that a server has never heard of (RFC 9110, section 9.1).
  if (answer.status >= 500 && answer.status !== 501) {
    findings.fail(`${request} answered ${describe(answer)}.`, "Answer 405: it is the caller's mistake.");
  } else if (answer.status < 400) {
    findings.note(`${request} answered ${answer.status}.`);
  } else {
    judgeForm(answer, request, service !== undefined && answer.status === 405, findings);
  }
}

/** Sends a path that cannot be decoded: the one mistake that every service can be asked about. */
async function judgeMalformed(under: string, { send }: CheckContext, findings: Findings): Promise<void> {
  const path = `${under}/seakeep-check-%zz`;
  const answer = findings.answer(await send({ path, as: "a path that cannot be decoded" }));
  if (answer === undefined) return;
  const request = "GET of a path that cannot be decoded";
  judgeLeaks(answer, request, findings);
  if (answer.status >= 500) {
    findings.fail(`${request} answered ${describe(answer)}.`, "Answer 400: it is the caller's mistake.");
  } else if (answer.status >= 400) {
    // A proxy in front refuses it by itself, with a page of its own.
    judgeForm(answer, request, false, findings);
  }
}

/** An error that has a body has it as problem details; `strict`: or it is a failure. One without gives nothing away. */
function judgeForm(answer: Answer, request: string, strict: boolean, findings: Findings): void {
  if (answer.bytes === 0) return;
  const what = `${request} answered ${describe(answer)}, not ${MEDIA_TYPE}`;
  if (answer.mediaType === MEDIA_TYPE) judgeProblem(answer, request, findings);
  else if (strict)
    findings.fail(`${what}.`, `Send problem details (RFC 9457) as ${MEDIA_TYPE} for every error.`);
  else findings.note(`${what}; a proxy may have done so.`);
}

function judgeLeaks(answer: Answer, request: string, findings: Findings): void {
  for (const leak of leaks(answer)) {
    findings.fail(
      `${request}: the answer gives away ${leak}.`,
      "Send only what the caller may know: no trace, no path of the server, no name and version of software.",
    );
  }
}

function judge(answer: Answer, request: string, findings: Findings): void {
  judgeLeaks(answer, request, findings);
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
  judgeProblem(answer, request, findings);
}

function judgeProblem(answer: Answer, request: string, findings: Findings): void {
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
