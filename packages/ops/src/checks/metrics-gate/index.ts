import { NAMES, SeakeepError } from "@seakeep/contract";
import { type Secret, secret } from "../../config/values.ts";
import type { Check, CheckContext, CommonCheckOptions } from "../check.ts";
import { describe, isHtml } from "../content.ts";
import { Findings } from "../findings.ts";
import type { Answer, CheckRequest } from "../http.ts";
import { pathOption } from "../option.ts";
import { toldByMetrics } from "../version/told.ts";
import { judgeMetrics } from "./metrics.ts";
import { isRefused, judgeRefusal } from "./refusal.ts";

/** Options of {@link metricsGate}. */
export interface MetricsGateOptions extends CommonCheckOptions {
  /** The bearer token; default: `metrics.token` of the configuration, else `secret("METRICS_TOKEN")`. */
  readonly token?: Secret;
  /** Default: `metrics.path` of the configuration, else `/metrics`. */
  readonly path?: string;
}

/** An address that no client has (RFC 5737): a request forwarded for it comes from a stranger. */
const STRANGER = "203.0.113.7";

/** A scrape of a large service, many times over; anything longer does not end. */
const LIMIT = 64 * 2 ** 20;

/**
 * The metrics are there for who may see them and for nobody else: 401, 403 or 404 without credentials and with wrong
 * ones, 200 with the right ones, and then really the metrics that the declaration promises, from the declaration that
 * is deployed.
 *
 * From loopback, a service without a token may answer this machine and refuse all others. That is tried too: by a
 * request that says it was forwarded for a stranger.
 *
 * @throws {SeakeepError} `SK-CHECK-005` when the path does not begin with a slash; at run time `SK-CHECK-006` when the
 * token cannot be a header's value.
 * @example
 * metricsGate({ token: secret("METRICS_TOKEN") });
 */
export function metricsGate(options: MetricsGateOptions = {}): Check {
  const path = options.path === undefined ? undefined : pathOption("metricsGate()", options.path);
  return {
    kind: "metrics-gate",
    name: options.name ?? "metrics-gate",
    async run(context) {
      const findings = new Findings();
      const source = options.token ?? context.metrics.token ?? secret(NAMES.environment.metricsToken);
      const token = await readToken(source, context);
      const request = {
        path: path ?? context.metrics.path,
        limit: LIMIT,
        headers: { accept: "text/plain;version=0.0.4" },
        tells: toldByMetrics,
      };

      const gate = await probeGate(request, context, findings);
      if (gate === undefined) return findings.conclude("");
      const answer = await probeWithToken(gate, { token, source }, context, findings);
      if (answer !== undefined) judgeMetrics(answer, context.service, findings);
      const how = token === undefined ? "answers this machine" : "answers its token";
      return findings.conclude(`GET ${request.path} ${how} with metrics and refuses everybody else.`);
    },
  };
}

/** What the negative half found, as far as the positive half needs it. */
interface Gate {
  /** How to ask as somebody who has no claim but the token. */
  readonly request: CheckRequest;
  /** The metrics, when they came without credentials. */
  readonly open?: Answer;
}

/** Asks without credentials and with wrong ones. Nothing when the service could not be asked. */
async function probeGate(
  request: CheckRequest,
  context: CheckContext,
  findings: Findings,
): Promise<Gate | undefined> {
  const anonymous = findings.answer(await context.send({ ...request, as: "without credentials" }));
  if (anonymous === undefined) return undefined;

  let outside = request;
  let open: Answer | undefined;
  if (anonymous.status === 200 && !isHtml(anonymous)) {
    open = anonymous;
    const forwarded = { ...request, headers: { ...request.headers, "x-forwarded-for": STRANGER } };
    const as = `without credentials, as if forwarded for ${STRANGER}`;
    const stranger = findings.answer(await context.send({ ...forwarded, as }));
    if (stranger === undefined || !isRefused(stranger)) {
      judgeRefusal(anonymous, "without credentials", findings);
      return { request, open };
    }
    judgeRefusal(stranger, as, findings);
    if (!isLoopback(context.url)) {
      findings.unsure(
        "It answers this address without credentials and refuses a forwarded request: from here, nobody can tell whether it refuses strangers.",
        "Set METRICS_TOKEN on the service, or run the check from where it must be refused.",
      );
      return { request, open };
    }
    findings.note(`Loopback is let in without credentials; a request forwarded for ${STRANGER} was refused.`);
    outside = forwarded;
  } else {
    judgeRefusal(anonymous, "without credentials", findings);
  }

  const bearer = `seakeep-check-${context.random()}`;
  const wrong = findings.answer(await context.send({ ...outside, bearer, as: "with a wrong token" }));
  if (wrong !== undefined) judgeRefusal(wrong, "with a wrong token", findings);
  return { request: outside, ...(open === undefined ? {} : { open }) };
}

/** Asks with the token, and gives back what must be the metrics. */
async function probeWithToken(
  { request, open }: Gate,
  { token, source }: { token: string | undefined; source: Secret },
  context: CheckContext,
  findings: Findings,
): Promise<Answer | undefined> {
  if (token === undefined) {
    if (open !== undefined) return open;
    findings.unsure(
      `It refuses strangers; whether it answers Prometheus was not seen, for ${source.name} is not set here.`,
      `Set ${source.name} (or ${source.name}_FILE) to the service's metrics token.`,
    );
    return undefined;
  }
  if (context.url.protocol === "http:" && !isLoopback(context.url)) {
    findings.note("The token travelled unencrypted: the URL is http.");
  }
  const answer = findings.answer(await context.send({ ...request, bearer: token, as: "with the token" }));
  if (answer === undefined || answer.status === 200) return answer;
  const reason = `${request.path} answered ${describe(answer)} to the right token, not 200.`;
  findings.fail(
    reason,
    POSITIVE_FIX[answer.status] ?? "Answer the metrics path itself to who holds the token.",
  );
  return undefined;
}

const POSITIVE_FIX: Readonly<Record<number, string>> = {
  401: "Give the service and this command the same METRICS_TOKEN.",
  403: "Give the service and this command the same METRICS_TOKEN.",
  404: "Correct the path, or switch metrics on (METRICS_ENABLED).",
};

async function readToken(source: Secret, context: CheckContext): Promise<string | undefined> {
  const token = await context.secret(source);
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new SeakeepError("SK-CHECK-006", `The secret ${source.name} cannot be sent as a bearer token.`);
}

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}
