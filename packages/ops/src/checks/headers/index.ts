import { SeakeepError } from "@seakeep/contract";
import type { Secret } from "../../config/values.ts";
import type { Check, CheckContext, CommonCheckOptions } from "../check.ts";
import { describe, isHtml, isRedirect } from "../content.ts";
import { type HttpExpectation, judgeAnswer } from "../exchange/expectation.ts";
import { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { banners } from "../leaks.ts";
import { pathOption } from "../option.ts";
import { quote } from "../text.ts";

/** Options of {@link headers}. */
export interface HeadersOptions extends CommonCheckOptions {
  /** Where to look; default `"/"`, whatever it answers. */
  readonly path?: string;
  /** An answer that only who holds the token gets; it must say that no cache may keep it for others. */
  readonly authenticated?: { readonly path: string; readonly bearer: Secret };
  /** Shortest `max-age` of HSTS, seconds; default 15552000, half a year. `false`: HSTS is not asked for. */
  readonly hsts?: number | false;
  /** Other headers by name: the value, a pattern for it, or `false` for one that must not be there. */
  readonly expect?: NonNullable<HttpExpectation["headers"]>;
}

const HALF_A_YEAR = 15_552_000;

/** An origin that nobody has (RFC 2606): whoever lets it in lets in everybody. */
const STRANGER = "https://seakeep-check.invalid";

/**
 * The headers that browsers and caches need to be told: HSTS (on https), `nosniff`, who may frame a page, nothing about
 * the software, no answer with credentials to scripts of any origin, and no cached answer of one user for another.
 *
 * @throws {SeakeepError} `SK-CHECK-005` when a path does not begin with a slash.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
 * @example
 * headers({ expect: { "referrer-policy": "no-referrer" } });
 */
export function headers(options: HeadersOptions = {}): Check {
  const path = pathOption("headers()", options.path ?? "/");
  if (options.authenticated !== undefined) pathOption("headers()", options.authenticated.path);
  const { hsts = HALF_A_YEAR } = options;
  if (hsts !== false && !(Number.isInteger(hsts) && hsts > 0)) {
    throw new SeakeepError("SK-CHECK-008", `headers() has ${hsts} as the seconds of HSTS.`);
  }
  return {
    kind: "headers",
    name: options.name ?? "headers",
    async run(context) {
      const findings = new Findings();
      const request = `GET ${path}`;
      const sent = await context.send({
        path,
        headers: { origin: STRANGER },
        as: "from a page of another origin",
      });
      const answer = findings.answer(sent);
      if (answer === undefined) return findings.conclude("");
      if (answer.status >= 500 || isRedirect(answer)) {
        findings.fail(
          `${request} answered ${describe(answer)}.`,
          "Name a path that is answered: headers({ path }).",
        );
        return findings.conclude("");
      }
      if (context.url.protocol === "https:" && hsts !== false) judgeHsts(answer, request, hsts, findings);
      judgeBrowser(answer, request, findings);
      judgeOrigins(answer, request, findings);
      const status = [answer.status];
      await judgeAnswer(answer, request, { status, headers: options.expect ?? {} }, findings);
      if (options.authenticated !== undefined) await judgePrivate(options.authenticated, context, findings);
      return findings.conclude(`${request} answered with the headers that keep browsers and caches safe.`);
    },
  };
}

/** RFC 6797. */
function judgeHsts(answer: Answer, request: string, least: number, findings: Findings): void {
  const got = answer.header("strict-transport-security");
  const age = Number(/max-age\s*=\s*"?(\d+)/i.exec(got ?? "")?.[1] ?? 0);
  if (age >= least) return;
  const what =
    got === undefined ? "without Strict-Transport-Security" : `with Strict-Transport-Security: ${quote(got)}`;
  findings.fail(`${request} answered ${what}.`, `Send "max-age=${Math.max(least, 31_536_000)}".`);
}

function judgeBrowser(answer: Answer, request: string, findings: Findings): void {
  if (answer.header("x-content-type-options")?.trim().toLowerCase() !== "nosniff") {
    const fix = 'Send "nosniff", so that no browser takes an answer for a script or a page.';
    findings.fail(`${request} answered without X-Content-Type-Options: nosniff.`, fix);
  }
  if (isHtml(answer)) {
    const policy = answer.header("content-security-policy") ?? "";
    const frames = answer.header("x-frame-options")?.trim() ?? "";
    if (!/(?:^|;)\s*frame-ancestors\s/i.test(policy) && !/^(deny|sameorigin)$/i.test(frames)) {
      const fix = `Send Content-Security-Policy: frame-ancestors 'none', or who may frame it.`;
      findings.fail(`${request} answered a page that anybody may put into a frame.`, fix);
    }
  }
  for (const banner of banners(answer)) {
    findings.fail(`${request}: the answer gives away ${banner}.`, "Leave that header out.");
  }
}

/** Fetch standard, section 3.3: credentials go with an origin that is named, never with any. */
function judgeOrigins(answer: Answer, request: string, findings: Findings): void {
  const allowed = answer.header("access-control-allow-origin")?.trim();
  const credentials = answer.header("access-control-allow-credentials")?.trim() === "true";
  if (!credentials || (allowed !== "*" && allowed !== STRANGER && allowed !== "null")) return;
  const fix = "Name the origins that may, or send no Access-Control-Allow-Credentials.";
  findings.fail(
    `${request} lets scripts of any origin (${quote(allowed)}) use the visitor's credentials.`,
    fix,
  );
}

/** RFC 9111, section 3.5. */
async function judgePrivate(
  { path, bearer }: { path: string; bearer: Secret },
  { send, secret }: CheckContext,
  findings: Findings,
): Promise<void> {
  const token = await secret(bearer);
  if (token === undefined) {
    const fix = `Set ${bearer.name}, or ${bearer.name}_FILE to a file that holds it.`;
    findings.unsure(`GET ${path} was not sent, for ${bearer.name} is not set here.`, fix);
    return;
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new SeakeepError("SK-CHECK-006", `The secret ${bearer.name} cannot be sent as a bearer token.`);
  }
  const answer = findings.answer(await send({ path, bearer: token, as: "with the token" }));
  if (answer === undefined) return;
  if (answer.status !== 200) {
    findings.fail(
      `GET ${path} answered ${describe(answer)} to the token, not 200.`,
      "Renew the token, or correct the path.",
    );
    return;
  }
  const control = answer.header("cache-control") ?? "";
  if (/(?:^|[\s,])(no-store|private|no-cache)(?:$|[\s,=])/i.test(control)) return;
  const got = control === "" ? "no Cache-Control" : `Cache-Control: ${quote(control)}`;
  findings.fail(
    `GET ${path} answered one user with ${got}.`,
    'Send "no-store", or "private" where a browser may keep it.',
  );
}
