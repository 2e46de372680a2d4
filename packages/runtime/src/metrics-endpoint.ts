import type { IncomingMessage, ServerResponse } from "node:http";
import type { Endpoint } from "./health-endpoints.ts";
import { CONTENT_TYPE, END, type Format } from "./metrics/format.ts";
import { createGate, type MetricsAccess, type Verdict } from "./metrics/gate.ts";
import type { Metrics } from "./metrics/index.ts";
import { negotiate } from "./metrics/negotiate.ts";
import { collect, formatOf, others, type Registry } from "./metrics/registry.ts";
import { writeChunks } from "./metrics/write.ts";
import { reasonOf } from "./reason.ts";

/** What the endpoint needs of the settings. */
export interface MetricsEndpointSettings {
  readonly metrics: MetricsAccess;
  /** The application's own metrics, appended to the page. */
  readonly registry?: Registry | undefined;
}

/** Is told, once each, why something of the registry is not on the page. */
export type Notice = (message: string, fields: Readonly<Record<string, string>>) => void;

/** Longest wait for the application's registry, milliseconds; at most half of the time that Prometheus waits for us. */
const REGISTRY_DEADLINE = 5000;

/** Most families that are reported as left out: a registry that invents names must not fill the log. */
const NOTICES = 100;

/**
 * Answers a request for metrics: gate, format, then the page, chunk by chunk. Which path leads here is the caller's
 * business; the method is not, since a switched-off endpoint answers 404 to all. Never rejects for what a client or
 * the registry does.
 */
export function metricsEndpoint(
  metrics: Metrics,
  { metrics: access, registry }: MetricsEndpointSettings,
  notice?: Notice,
): Endpoint {
  const gate = createGate(access);
  const reported = new Set<string>();

  const report = (subject: string, reason: string) => {
    if (reported.has(subject) || reported.size >= NOTICES) return;
    reported.add(subject);
    metrics.internalError("registry");
    notice?.("part of the application's registry is not on /metrics", { subject, reason });
  };

  async function* page(format: Format, deadline: number): AsyncGenerator<string, void, undefined> {
    const usable = registry !== undefined && formatOf(registry) === format;
    // Asked first, so that its collectors run while ours is written.
    const theirs = usable ? collect(registry, deadline).catch(failed) : undefined;
    yield* metrics.exposition(format);
    const text = await theirs;
    if (text !== undefined) yield* others(text, format, metrics.names, report);
    yield END[format];
  }

  /** A failed registry is counted each time and told once: ours are on the page all the same. */
  function failed(error: unknown): undefined {
    if (reported.has("registry")) metrics.internalError("registry");
    report("registry", reasonOf(error));
    return undefined;
  }

  function formatFor(request: IncomingMessage): Format {
    if (registry === undefined) return negotiate(request.headers.accept);
    // One page has one format, and theirs cannot be turned into another.
    const format = formatOf(registry);
    if (format === undefined) failed(new Error(`its content type is ${registry.contentType}`));
    return format ?? negotiate(request.headers.accept);
  }

  return async (request, response) => {
    const { method, headers, socket } = request;
    const verdict = gate({ method, headers, peer: socket.remoteAddress });
    if (verdict.status !== 200) return refuse(request, response, verdict);
    const format = formatFor(request);
    response.writeHead(200, {
      "content-type": CONTENT_TYPE[format],
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    if (method === "HEAD") return void response.end();
    await writeChunks(response, page(format, deadlineOf(headers["x-prometheus-scrape-timeout-seconds"])));
  };
}

function deadlineOf(timeout: string | string[] | undefined): number {
  const half = Number(timeout) * 500;
  return half > 0 ? Math.min(half, REGISTRY_DEADLINE) : REGISTRY_DEADLINE;
}

const TITLE: Readonly<Record<Exclude<Verdict["status"], 200>, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
};

/** RFC 9457; `WWW-Authenticate` as RFC 6750 wants it, `Allow` as RFC 9110 does. */
function refuse({ method }: IncomingMessage, response: ServerResponse, { status, detail }: Verdict): void {
  if (status === 200) return;
  const body = `${JSON.stringify({ type: "about:blank", title: TITLE[status], status, detail })}\n`;
  response.writeHead(status, {
    "content-type": "application/problem+json",
    "content-length": body.length,
    "cache-control": "no-store",
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="metrics"' } : {}),
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(method === "HEAD" ? undefined : body);
}
