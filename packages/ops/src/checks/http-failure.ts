import { formatDuration } from "@seakeep/contract";
import { quote } from "./text.ts";

/** Why there is no whole answer, and what to do. */
export interface Failure {
  readonly reason: string;
  readonly fix: string;
}

interface Asked {
  /** `GET /healthz` */
  readonly target: string;
  /** Of the whole check. */
  readonly timeoutMs: number;
  /** Since the request. */
  readonly durationMs: number;
  /** How much of that this process was at work itself, and could not have heard an answer. */
  readonly busyMs: number;
}

type Kind = "broken" | "silent";
type Row = readonly [codes: RegExp, kind: Kind, reason: string, fix: string];

const START = "Start the service, or correct the URL.";

/**
 * What an error before the response's head means. `silent` is everything that may lie between here and the service:
 * from here, a dead service, a wrong address and a closed network look the same. `broken` is what only a server that
 * answered can cause. Codes are those of Node's net, tls and undici.
 */
const BEFORE_HEAD: readonly Row[] = [
  [/^ECONNREFUSED$/, "silent", "refused the connection", START],
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    "silent",
    "has a host name that does not resolve",
    "Correct the URL, or the DNS.",
  ],
  [
    /^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/,
    "silent",
    "cannot be reached from here",
    "Run the check where the service can be reached, or correct the URL.",
  ],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, "silent", "hung up without an answer", START],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/,
    "silent",
    "has a certificate from an authority that is not trusted here",
    "Serve the whole chain, or name the authority's file in NODE_EXTRA_CA_CERTS.",
  ],
  [/^CERT_HAS_EXPIRED$/, "broken", "has an expired certificate", "Renew the certificate."],
  [
    /^CERT_NOT_YET_VALID$/,
    "broken",
    "has a certificate that is not valid yet",
    "Mend the certificate or the clock.",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "broken",
    "has a certificate for another name",
    "Serve a certificate that names this host, or correct the URL.",
  ],
  [/^(EPROTO|ERR_SSL_.*)$/, "silent", "does not speak TLS", "Write http:// if it is a plain port."],
  [
    /^(UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/,
    "broken",
    "answered with headers larger than 16 KiB",
    "Make the service send smaller headers: clients and proxies refuse these.",
  ],
  [
    // Newer versions of undici leave the code out.
    /^HPE_|^HTTPParserError$/,
    "broken",
    "answered with something that is not HTTP",
    "Correct the port: another protocol answers.",
  ],
];

const WAITS = "Find out what it waits for; --timeout allows more time.";

/** True when most of the check's time was spent on listening to this answer. */
function wasHeard({ timeoutMs, durationMs, busyMs }: Asked): boolean {
  return durationMs - busyMs >= timeoutMs / 2;
}

/** `10s`; for what was asked when the check's time was nearly over, how much of it there was. */
function patience(asked: Asked): string {
  const { timeoutMs, durationMs } = asked;
  if (durationMs < 0.9 * timeoutMs) {
    return `the ${formatDuration(Math.ceil(durationMs) || 1)} that were left of the check's time`;
  }
  const mostly = wasHeard(asked) ? "" : ", for most of which this machine was busy itself";
  return `${formatDuration(timeoutMs)}${mostly}`;
}

/** The request ended before a response's head arrived. */
export function noHead(error: unknown, asked: Asked & { host: string }): Failure & { kind: Kind } {
  const who = `${asked.host} (${asked.target})`;
  const { name, code, message } = root(error);
  if (name === "TimeoutError") {
    return { kind: "silent", reason: `${who} did not answer within ${patience(asked)}.`, fix: WAITS };
  }
  if (name === "AbortError") {
    return { kind: "silent", reason: `${who} was not asked to the end: interrupted.`, fix: "Run it again." };
  }
  if (message === "bad port") {
    const fix = "Serve it on another port: browsers refuse this one too (WHATWG Fetch, 'bad port').";
    return { kind: "silent", reason: `${who} is on a port that HTTP clients refuse to use.`, fix };
  }
  if (message.startsWith("too many content-encodings")) {
    const fix = "Compress the body once.";
    return { kind: "broken", reason: `${who} answered with a body compressed over and over.`, fix };
  }
  const row = BEFORE_HEAD.find(([codes]) => codes.test(code === "" ? name : code));
  if (row !== undefined) return { kind: row[1], reason: `${who} ${row[2]}.`, fix: row[3] };
  // Not the error's own message: it can quote what was sent.
  return { kind: "silent", reason: `${who} gave no answer (${code || name}).`, fix: START };
}

/**
 * The head arrived and the body did not: the service answered, and the answer cannot be used. Out of time is broken only
 * when most of the check's time was spent listening: who was given a moment has failed nothing.
 */
export function brokenBody(error: unknown, asked: Asked & { bytes: number }): Failure & { kind: Kind } {
  const { name, code } = root(error);
  const { target, bytes } = asked;
  if (name === "AbortError") {
    return {
      kind: "silent",
      reason: `${target} was not read to the end: interrupted.`,
      fix: "Run it again.",
    };
  }
  if (name === "TimeoutError") {
    const reason = `${target} began to answer and had not finished after ${patience(asked)} (${bytes} bytes).`;
    return { kind: wasHeard(asked) ? "broken" : "silent", reason, fix: WAITS };
  }
  if (/^Z_|BUF_ERROR|BROTLI|zlib/i.test(code)) {
    const reason = `${target} says its body is compressed and it is not readable as such.`;
    return { kind: "broken", reason, fix: "Make Content-Encoding say what the body is." };
  }
  const reason = `${target} broke off after ${bytes} bytes, before the end of its body.`;
  return { kind: "broken", reason, fix: "Look in the service's log for what ended the answer." };
}

/** The body is compressed in a way that was not asked for: what it says cannot be known. */
export function unreadable({ target, coding }: { target: string; coding: string }): Failure & { kind: Kind } {
  const reason = `${target} answered with Content-Encoding: ${quote(coding)}, which was not asked for.`;
  return {
    kind: "broken",
    reason,
    fix: "Compress only as Accept-Encoding allows (RFC 9110, section 12.5.3).",
  };
}

/** The body went past what the check is ready to read. */
export function tooLarge({ target, limit }: { target: string; limit: number }): Failure & { kind: Kind } {
  const reason = `${target} answered with more than ${limit / 2 ** 20} MiB.`;
  return { kind: "broken", reason, fix: "No answer here should be that large: look at what it sends." };
}

interface Root {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** fetch wraps what happened: in `cause`, and in an AggregateError when several addresses were tried. */
function root(error: unknown): Root {
  let inner = error as {
    cause?: unknown;
    errors?: unknown[];
    code?: unknown;
    name?: string;
    message?: string;
  };
  while (inner.cause instanceof Error) inner = inner.cause;
  const nested = inner.errors?.[0] as { code?: unknown } | undefined;
  const code = inner.code ?? nested?.code;
  return {
    name: inner.name ?? "Error",
    code: typeof code === "string" ? code : "",
    message: inner.message ?? "",
  };
}
