import { SeakeepError } from "@seakeep/contract";
import type { SignalsEdges } from "../declaration.ts";
import { readAnswer, type Series } from "./answer.ts";
import type { PrometheusSettings } from "./settings.ts";

/** Asks one server, one query at a time. */
export interface Client {
  /** @throws {SeakeepError} `SK-SIGNALS-002` to `-007`; a `TooMuch` when a smaller question may be answered. */
  query(promql: string, time: number, signal?: AbortSignal): Promise<readonly Series[]>;
  /** Like `query`, at each step from `start` to `end`, milliseconds. */
  queryRange(
    promql: string,
    range: { start: number; end: number; step: number },
    signal?: AbortSignal,
  ): Promise<readonly Series[]>;
}

/** A day of 100 series at fifteen seconds is 17 MB. */
const LARGEST_ANSWER = 64 * 2 ** 20;

/** Builds the client. The token is read once. */
export async function createClient(
  { url, token: source, user, tenant, timeout }: PrometheusSettings,
  { fetch, secret }: SignalsEdges,
): Promise<Client> {
  const token = source === undefined ? undefined : await secret(source);
  if (source !== undefined && (token === undefined || !/^[\x21-\x7e]+$/.test(token))) {
    const what = token === undefined ? "is not set" : "cannot be sent as a header";
    throw new SeakeepError("SK-SIGNALS-003", `The secret ${source.name} ${what}.`, {
      why: "The configuration asks for a token, and without it the source would refuse.",
      fix: `Set ${source.name}, or ${source.name}_FILE to the file that holds it.`,
    });
  }
  const headers = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": "seakeep",
    ...(token === undefined ? {} : { authorization: authorization(token, user) }),
    ...(tenant === undefined ? {} : { "x-scope-orgid": tenant }),
  };

  async function ask(path: string, parameters: Record<string, string>, signal?: AbortSignal) {
    const limit = AbortSignal.timeout(timeout);
    try {
      const response = await fetch(new URL(path, url), {
        method: "POST",
        headers,
        // VictoriaMetrics otherwise moves the times to a grid of its own.
        body: new URLSearchParams({ ...parameters, nocache: "1" }).toString(),
        // A redirect would take the token along, or lead to a login page.
        redirect: "manual",
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
      return await readAnswer(response, { where: url, largest: LARGEST_ANSWER });
    } catch (error) {
      throw translated(error);
    }
  }

  /** What is no error of ours yet is one of the wire; an interruption stays what it is. */
  function translated(error: unknown): unknown {
    if (error instanceof SeakeepError) return error;
    if (error instanceof Error && error.name === "AbortError") return error;
    const late = error instanceof Error && error.name === "TimeoutError";
    const what = late
      ? `did not answer within ${timeout / 1000} s`
      : `could not be reached: ${reason(error)}`;
    return new SeakeepError("SK-SIGNALS-002", `${url} ${what}.`, { cause: error });
  }

  return {
    query: (promql, time, signal) => ask("api/v1/query", { query: promql, time: seconds(time) }, signal),
    queryRange(promql, { start, end, step }, signal) {
      const range = { start: seconds(start), end: seconds(end), step: seconds(step) };
      return ask("api/v1/query_range", { query: promql, ...range }, signal);
    },
  };
}

function authorization(token: string, user: string | undefined): string {
  if (user === undefined) return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** undici says "fetch failed" and hides why in the cause. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.message;
  return error instanceof Error ? error.message : String(error);
}
