import { randomBytes } from "node:crypto";

/** Safe in a header, a log line, a shell and a URL; long enough for any scheme in use. */
const SAFE = /^[A-Za-z0-9._-]{1,128}$/;

/** Unique to the process (and to each worker thread, which loads its own copy of this module). */
const prefix = `${randomBytes(9).toString("base64url")}-`;
let count = 0;

/**
 * The caller's request id when it is safe, else a new one.
 *
 * New ids are a random prefix and a counter: unique across processes, not secret. Five times cheaper than a UUID.
 *
 * @param given the `X-Request-ID` header as Node gives it
 */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === "string" && SAFE.test(given) ? given : prefix + (count++).toString(36);
}

/** W3C Trace Context, section 3.2.2: lower-case hex only; a later version may append fields. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-[^\s]*)?$/;

/**
 * The trace id of a `traceparent` header, or `undefined` when the header is not valid: version `ff`, all-zero ids and
 * trailing fields under version `00` are refused.
 *
 * Source: https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceIdOf(traceparent: string | string[] | undefined): string | undefined {
  if (typeof traceparent !== "string" || traceparent.length > 512) return undefined;
  const [, version, traceId, parentId, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || version === "ff") return undefined;
  if (version === "00" && more !== undefined) return undefined;
  if (ALL_ZERO.test(traceId) || ALL_ZERO.test(parentId!)) return undefined;
  return traceId;
}

const ALL_ZERO = /^0+$/;
