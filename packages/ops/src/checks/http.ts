import { brokenBody, type Failure, noHead, tooLarge, unreadable } from "./http-failure.ts";
import { printable, type Redactor } from "./text.ts";

/** One request, as a check asks for it. */
export interface CheckRequest {
  /** Default `GET`. */
  readonly method?: string;
  /** Path and query below the service's URL; begins with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent as `Authorization: Bearer`, to the service's own origin only. */
  readonly bearer?: string;
  /** What is particular about the request, for the evidence: `with a wrong token`. */
  readonly as?: string;
  /** Most bytes to read, decompressed; default 10 MiB. */
  readonly limit?: number;
  /** Milliseconds until it is given up; default: as long as the check has. */
  readonly timeoutMs?: number;
  /** On a connection of its own, which a load balancer may give to another instance. */
  readonly alone?: boolean;
  /** Reads from the answer which version of the service gave it, for the evidence. */
  readonly tells?: (answer: Answer) => readonly string[];
}

/** A whole HTTP response. Redirects are not followed: they are answers too. */
export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  /** Lower case, without parameters: `application/problem+json`; empty when there is none. */
  readonly mediaType: string;
  /** The body, or `undefined` when it is not UTF-8. */
  readonly text: string | undefined;
  /** Of the body, decompressed. */
  readonly bytes: number;
  /** From the request to the last byte. */
  readonly durationMs: number;
  /** How much of that this process was at work itself, and could not have heard the answer. */
  readonly busyMs: number;
  readonly header: (name: string) => string | undefined;
}

/** `broken`: the service answered, but not with a whole response. `silent`: nothing was heard of it. */
export type Outcome = Answer | ({ readonly kind: "broken" | "silent" } & Failure);

export type Send = (request: CheckRequest) => Promise<Outcome>;

/** One exchange, as reports show it. Holds no header or body that a secret could hide in. */
export interface Evidence {
  /** `GET https://courses.example/metrics` */
  readonly request: string;
  readonly as?: string;
  readonly status?: number;
  readonly mediaType?: string;
  /** Of a redirect. */
  readonly location?: string;
  /** Versions of the service that the answer says it comes from: one, unless instances were merged. */
  readonly versions?: readonly string[];
  /** Of a TLS handshake. */
  readonly tls?: TlsEvidence;
  /** Of the body, decompressed. */
  readonly bytes?: number;
  readonly durationMs: number;
  /** Why there is no whole answer. */
  readonly problem?: string;
}

/** What a server showed of itself when TLS began. */
export interface TlsEvidence {
  /** `TLSv1.3` */
  readonly protocol: string;
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339, UTC. */
  readonly expires: string;
}

export interface HttpOptions {
  /** The service. Requests go to this origin and to no other. */
  readonly base: URL;
  readonly fetch: typeof fetch;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Milliseconds that this process has been at work, and not listening. */
  readonly busy: () => number;
  readonly signal: AbortSignal;
  /** What `signal`'s time limit is, milliseconds, to say it in a reason. */
  readonly timeoutMs: number;
  readonly redactor: Redactor;
  readonly record: (evidence: Evidence) => void;
}

const LIMIT = 10 * 2 ** 20;

/** What a body may be compressed with: what fetch can read. Of any other it hands the bytes over as they are. */
const CODINGS = ["gzip", "x-gzip", "deflate", "br", "identity"];

function codings(header = ""): string[] {
  return header.split(",").flatMap((one) => one.trim().toLowerCase() || []);
}

/**
 * The one way out to the network: no redirect is followed, no other origin is asked, no body is read past its limit,
 * and nothing that happens on the wire throws.
 */
export function createSend(options: HttpOptions): Send {
  return async (request) => {
    const url = below(options.base, request.path);
    const started = options.now();
    const patience = limited(request, options);
    const { outcome, seen } = await exchange(url, request, { ...options, signal: patience.signal });
    patience.clear();
    const versions = outcome.kind === "answer" ? (request.tells?.(outcome) ?? []) : [];
    options.record({
      request: printable(`${request.method ?? "GET"} ${url.href}`),
      ...(request.as === undefined ? {} : { as: request.as }),
      ...seen,
      ...(versions.length === 0 ? {} : { versions: versions.map(printable) }),
      durationMs: Math.round(options.now() - started),
      ...(outcome.kind === "answer" ? {} : { problem: outcome.reason }),
    });
    return outcome;
  };
}

/** The time of the whole check, or what of it the request is given. */
function limited(
  { timeoutMs }: CheckRequest,
  { signal }: HttpOptions,
): Pick<HttpOptions, "signal"> & { clear: () => void } {
  if (timeoutMs === undefined) return { signal, clear: () => {} };
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException("The time is up.", "TimeoutError"));
  const timer = setTimeout(expire, Math.max(timeoutMs, 0));
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    clear: () => clearTimeout(timer),
  };
}

/** `path` below `base`. The parts are set, not resolved: a path such as `//elsewhere/` must not change the host. */
function below(base: URL, path: string): URL {
  const [, pathname, search] = /^([^?#]*)(\?[^#]*)?/.exec(path)!;
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, "")}${pathname}`;
  url.search = search ?? "";
  return url;
}

type Seen = Pick<Evidence, "status" | "mediaType" | "location" | "bytes">;

async function exchange(
  url: URL,
  request: CheckRequest,
  options: HttpOptions,
): Promise<{ outcome: Outcome; seen: Seen }> {
  const { signal, timeoutMs, redactor } = options;
  const time = stopwatch(options);
  const target = printable(`${request.method ?? "GET"} ${url.pathname}${url.search}`);
  let response: Response;
  try {
    response = await options.fetch(url, {
      method: request.method ?? "GET",
      headers: headersOf(request),
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual",
      signal,
    });
  } catch (error) {
    const failure = noHead(error, { target, host: url.host, timeoutMs, ...time() });
    return { outcome: failure, seen: {} };
  }
  const header = (name: string) => {
    const value = response.headers.get(name);
    return value === null ? undefined : redactor.redact(value);
  };
  const mediaType = printable((header("content-type") ?? "").split(";")[0]!.trim().toLowerCase());
  const location = header("location");
  const head = {
    status: response.status,
    ...(mediaType === "" ? {} : { mediaType }),
    ...(location === undefined ? {} : { location: printable(location) }),
  };
  const coding = codings(header("content-encoding")).find((one) => !CODINGS.includes(one));
  if (coding !== undefined) {
    await response.body?.cancel();
    return { outcome: unreadable({ target, coding }), seen: head };
  }
  const body = await readBody(response, request.limit ?? LIMIT);
  const seen = { ...head, bytes: body.bytes };
  if (body.error !== undefined) {
    return { outcome: brokenBody(body.error, { target, bytes: body.bytes, timeoutMs, ...time() }), seen };
  }
  if (body.chunks === undefined) {
    return { outcome: tooLarge({ target, limit: request.limit ?? LIMIT }), seen };
  }
  const text = decode(Buffer.concat(body.chunks));
  return {
    outcome: {
      kind: "answer",
      status: response.status,
      mediaType,
      text: text === undefined ? undefined : redactor.redact(text),
      bytes: body.bytes,
      ...time(),
      header,
    },
    seen,
  };
}

/** Tells how long it has been, and how much of that this process was at work. */
function stopwatch({ now, busy }: HttpOptions): () => { durationMs: number; busyMs: number } {
  const started = now();
  const worked = busy();
  return () => ({ durationMs: now() - started, busyMs: busy() - worked });
}

function headersOf(request: CheckRequest): Record<string, string> {
  return {
    "user-agent": "seakeep-check",
    // A verdict must be about the service as it is now, not about a cache in front of it.
    "cache-control": "no-cache",
    ...request.headers,
    ...(request.alone && { connection: "close" }),
    ...(request.bearer === undefined ? {} : { authorization: `Bearer ${request.bearer}` }),
  };
}

/** The body, unless it grows past the limit (no chunks) or breaks off (an error). */
async function readBody(
  response: Response,
  limit: number,
): Promise<{ bytes: number; chunks?: Uint8Array[]; error?: unknown }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > limit) {
        await reader.cancel();
        return { bytes };
      }
      chunks.push(value);
    }
    return { bytes, chunks };
  } catch (error) {
    return { bytes, error };
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
