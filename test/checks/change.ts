import type { Exchange, Meddling } from "./proxy.ts";

/** Where a fault is. */
export const HEALTH = "/healthz";
export const METRICS = "/metrics";
export const SCHEMA = "/api/schema/";
export const COURSES = "/api/v1/courses/";
/** A path that nobody has. */
export const NOWHERE: RegExp = /^\/seakeep-check-[0-9a-f]/;
/** One course that is listed. */
export const COURSE: RegExp = /^\/api\/v1\/courses\/[^/?]+\/$/;

type Where = string | RegExp;
type Change = (exchange: Exchange) => void | Promise<void>;

function isAt(where: Where, { path }: Exchange): boolean {
  const [bare = ""] = path.split("?");
  return typeof where === "string" ? bare === where : where.test(bare);
}

/** Changes what is answered at some path. */
export function at(where: Where, change: Change): Meddling {
  return { after: (exchange) => (isAt(where, exchange) ? change(exchange) : undefined) };
}

/** Another answer altogether; objects are sent as JSON. */
export function answer(status: number, body: unknown = "", headers: Record<string, string> = {}): Change {
  return (exchange) => {
    const isJson = typeof body === "object" && !Buffer.isBuffer(body);
    exchange.status = status;
    exchange.headers = { "content-type": isJson ? "application/json" : "text/plain", ...headers };
    exchange.body = Buffer.isBuffer(body) ? body : Buffer.from(isJson ? JSON.stringify(body) : String(body));
  };
}

/** The same answer with other headers. */
export function headers(changed: Record<string, string>): Change {
  return (exchange) => {
    exchange.headers = { ...exchange.headers, ...changed };
  };
}

/** The same answer with its text changed. */
export function text(change: (text: string) => string): Change {
  return (exchange) => {
    exchange.body = Buffer.from(change(exchange.body.toString()));
  };
}

/** The same answer with its JSON changed in place. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the service sent
export function json(change: (value: any) => void): Change {
  return text((body) => {
    const value = JSON.parse(body) as unknown;
    change(value);
    return JSON.stringify(value);
  });
}

/** Bytes on the wire that no HTTP library would send. */
export function wire(write: (head: string, body: Buffer) => string | Buffer, end = true): Change {
  return (exchange) => {
    const { status, headers, body } = exchange;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    exchange.raw = (socket) => {
      socket.write(write(`HTTP/1.1 ${status} -\r\n${lines.join("")}connection: close\r\n`, body));
      if (end) socket.end();
    };
  };
}

/** A page that a login wall or a catch-all route shows. */
export const PAGE = "<!doctype html><html><body><form action=/login></form></body></html>";
export const HTML = { "content-type": "text/html; charset=utf-8" };
export const PROBLEM = { "content-type": "application/problem+json" };
