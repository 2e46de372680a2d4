import { NAMES } from "@seakeep/contract";
import { quote, visible } from "./json-text.ts";

/** How an exchange ended: the reply was sent whole, the client left first, or the server cut the reply off. */
export type Outcome = "ok" | "aborted" | "broken";

/** One finished request, as logged. */
export interface AccessRecord {
  readonly time: string;
  /** Safe by construction. */
  readonly requestId: string;
  readonly method: string;
  /** Without query, redacted. */
  readonly path: string;
  readonly template: string;
  readonly status: number;
  readonly user: string | undefined;
  readonly ip: string | undefined;
  readonly seconds: number;
  /** Of the body, as sent; `undefined` when pipelining leaves it unknown. */
  readonly bytes: number | undefined;
  readonly outcome: Outcome;
  readonly traceId: string | undefined;
}

const key = (name: keyof typeof NAMES.log): string => `"${NAMES.log[name]}":`;

const TIME = `{${key("time")}"`;
const REQUEST_ID = `",${key("requestId")}"`;
const METHOD = `",${key("method")}`;
const PATH = `,${key("path")}`;
const ROUTE = `,${key("route")}`;
const STATUS = `,${key("status")}`;
const USER = `,${key("user")}`;
const IP = `,${key("ip")}`;
const DURATION = `,${key("duration")}`;
const BYTES = `,${key("bytes")}`;
const OUTCOME = `,${key("outcome")}"`;
const LEVEL = `",${key("level")}"info"`;
const TRACE_ID = `,${key("traceId")}"`;
const LONGEST_USER = 256;

/**
 * The access log line of a request, with its newline. Written by hand: a third of the cost of `JSON.stringify` on an
 * object of these fields, and nothing a caller sends can end the line or forge another.
 */
export function accessLine(record: AccessRecord): string {
  const { user, ip, traceId, bytes } = record;
  return (
    TIME +
    record.time +
    REQUEST_ID +
    record.requestId +
    METHOD +
    quote(record.method) +
    PATH +
    quote(record.path) +
    ROUTE +
    quote(record.template) +
    STATUS +
    record.status +
    USER +
    (user === undefined ? "null" : quote(user, LONGEST_USER)) +
    IP +
    (ip === undefined ? "null" : quote(ip)) +
    DURATION +
    milliseconds(record.seconds) +
    BYTES +
    (bytes === undefined ? "null" : bytes) +
    OUTCOME +
    record.outcome +
    LEVEL +
    (traceId === undefined ? "}\n" : `${TRACE_ID + traceId}"}\n`)
  );
}

/** The same fields for a logger, which writes time and level itself. */
export function accessFields(record: AccessRecord): object {
  const { log } = NAMES;
  return {
    [log.requestId]: record.requestId,
    [log.method]: visible(record.method),
    [log.path]: visible(record.path),
    [log.route]: visible(record.template),
    [log.status]: record.status,
    [log.user]: record.user === undefined ? null : visible(record.user, LONGEST_USER),
    [log.ip]: record.ip ?? null,
    [log.duration]: milliseconds(record.seconds),
    [log.bytes]: record.bytes ?? null,
    [log.outcome]: record.outcome,
    ...(record.traceId === undefined ? {} : { [log.traceId]: record.traceId }),
  };
}

/** Microseconds are as fine as the clock is true. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}
