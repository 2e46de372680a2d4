import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Networks, plainAddress } from "../network.ts";

/** Who may scrape. */
export interface MetricsAccess {
  /** `false`: the endpoint does not exist. */
  readonly enabled: boolean;
  /**
   * Bearer token that every scrape must carry, from wherever it comes. Without one (unset, or empty, as a template
   * with a missing secret leaves it) the gate does not open: it then knows only loopback and `allow`.
   */
  readonly token: string | undefined;
  /** Addresses and CIDR blocks that may scrape without a token. */
  readonly allow: readonly string[];
}

/** What the gate looks at. Nothing of it is trusted but the socket's own address. */
export interface ScrapeRequest {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The socket's remote address; `undefined` on a Unix socket and on one that is gone. */
  readonly peer: string | undefined;
}

export interface Verdict {
  readonly status: 200 | 401 | 403 | 404 | 405;
  /** Why, and what to do; for people. */
  readonly detail: string;
}

export type Gate = (request: ScrapeRequest) => Verdict;

const LOOPBACK = new Networks(["127.0.0.0/8", "::1"]);

const OPEN: Verdict = { status: 200, detail: "" };
const refuse = (status: Exclude<Verdict["status"], 200>, detail: string): Verdict => ({ status, detail });

/** Decides on scrapes, without I/O. A refused caller learns nothing of what is behind the gate. */
export function createGate({ enabled, token, allow }: MetricsAccess): Gate {
  const expected = token === undefined || token === "" ? undefined : digest(token);
  const allowed = new Networks(allow);
  return (request) => {
    if (!enabled) return refuse(404, "Metrics are switched off.");
    const entered = expected === undefined ? byAddress(request, allowed) : byToken(request, expected);
    if (entered.status !== 200) return entered;
    if (request.method === "GET" || request.method === "HEAD") return OPEN;
    return refuse(405, "Metrics are read with GET or HEAD.");
  };
}

function byToken({ headers }: ScrapeRequest, expected: Buffer): Verdict {
  const { authorization = "" } = headers;
  const given = /^bearer +/i.exec(authorization);
  // Digests have one length, so the comparison takes one time whatever was sent.
  const matches =
    given !== null && timingSafeEqual(digest(authorization.slice(given[0].length).trimEnd()), expected);
  return matches ? OPEN : refuse(401, "Send the metrics token: Authorization: Bearer <token>.");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * Without a token the socket's address is all there is to go by, and a reverse proxy lends its own to everyone. So a
 * request that shows any sign of a proxy is refused, and loopback must have been asked for by a loopback name: a proxy
 * on this machine that adds no header still passes on the public `Host`, and so does a browser lured by DNS rebinding.
 */
function byAddress({ headers, peer }: ScrapeRequest, allowed: Networks): Verdict {
  const help = "Set METRICS_TOKEN, or declare the scraper's address in metrics.allow.";
  if (peer === undefined) return refuse(403, `The caller has no address. ${help}`);
  if (wasForwarded(headers)) {
    return refuse(
      403,
      "A proxy forwarded this request, so its address is not the caller's. Set METRICS_TOKEN.",
    );
  }
  const address = plainAddress(peer);
  if (allowed.has(address)) return OPEN;
  if (!LOOPBACK.has(address)) return refuse(403, `Not an address that may scrape without a token. ${help}`);
  // HTTP/2 names the host in a pseudo-header.
  if (namesLoopback(headers.host ?? headers[":authority"])) return OPEN;
  return refuse(403, `From this machine, but for another host than localhost. ${help}`);
}

const FORWARDING =
  /^(?:forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip|x-forwarded|x-original-forwarded-for|x-(?:forwarded|envoy)-.*)$/;

function wasForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => FORWARDING.test(name));
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

function namesLoopback(host: string | string[] | undefined): boolean {
  return typeof host === "string" && LOOPBACK_HOST.test(host);
}
