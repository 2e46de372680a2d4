import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { type Networks, plainAddress } from "./network.ts";

/** Which proxies are believed about who called them, and where they write it. */
export interface Trust {
  readonly proxies: Networks;
  /** Default: `X-Forwarded-For` when it was sent, else `Forwarded`. */
  readonly header?: "forwarded" | "x-forwarded-for";
}

/**
 * Who is calling: the connection's peer, or, when that is a declared proxy, the nearest hop in the forwarding header
 * that is not one.
 *
 * Hops are read right to left, for each proxy appends and only what a declared proxy appended is believed. A hop that
 * is not an address (`unknown`, `_hidden`, octal, garbage) ends the walk at the proxy that wrote it.
 *
 * @param peer address of the connection; `undefined` once it is destroyed, or on a Unix socket
 * Sources: RFC 7239, section 7.4; https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
 */
export function clientAddress(
  peer: string | undefined,
  headers: IncomingHttpHeaders,
  trust: Trust | undefined,
): string | undefined {
  if (peer === undefined) return undefined;
  let address = plainAddress(peer);
  if (trust === undefined || !trust.proxies.has(address)) return address;
  const xff = trust.header === "forwarded" ? undefined : headers["x-forwarded-for"];
  const forwarded = trust.header === "x-forwarded-for" ? undefined : headers.forwarded;
  const hops = xff ?? forwarded;
  if (hops === undefined) return address;
  const read = xff === undefined ? forwardedFor : hopAddress;
  const text = String(hops);
  for (let end = text.length; end > 0; ) {
    const comma = text.lastIndexOf(",", end - 1);
    const hop = read(text.slice(comma + 1, end).trim());
    if (hop === undefined) return address;
    address = hop;
    if (!trust.proxies.has(address)) return address;
    end = comma;
  }
  return address;
}

const FOR = /(?:^|;)\s*for=("[^"]*"|[^;\s]*)\s*(?:;|$)/i;

/** The `for` parameter of one `Forwarded` element. */
function forwardedFor(element: string): string | undefined {
  const [, value] = element.length > LONGEST_HOP ? [] : (FOR.exec(element) ?? []);
  return value === undefined ? undefined : hopAddress(value.replace(/^"|"$/g, ""));
}

const WITH_PORT = /^(?:\[([0-9a-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+):\d{1,5})$/i;
const LONGEST_HOP = 256;

/** The address of one hop: ports and brackets stripped, zone ids and anything else that is not an address refused. */
function hopAddress(hop: string): string | undefined {
  if (hop.length > LONGEST_HOP || hop.includes("%")) return undefined;
  const [, bracketed, dotted] = WITH_PORT.exec(hop) ?? [];
  const address = bracketed ?? dotted ?? hop;
  return isIP(address) === 0 ? undefined : plainAddress(address);
}
