import {
  type ConnectionOptions,
  type DetailedPeerCertificate,
  type PeerCertificate,
  rootCertificates,
  type TLSSocket,
} from "node:tls";
import type { Evidence } from "../http.ts";
import { type Failure, noHead } from "../http-failure.ts";
import { printable } from "../text.ts";

/** One handshake, as a check asks for it. */
export interface ShakeRequest {
  /** Certificates of authorities, PEM, that are trusted beside those that Node trusts. */
  readonly ca?: string;
  /** Offer only protocols that no server should speak any more: TLS 1.0 and 1.1. */
  readonly obsolete?: boolean;
}

/** What a server showed when TLS began. Whether it may be trusted is in it, not decided by it. */
export interface Shaken {
  readonly kind: "shaken";
  readonly protocol: string;
  /** From the server's own certificate towards the root. */
  readonly chain: readonly PeerCertificate[];
  /** Why the chain is not trusted: a code of OpenSSL. */
  readonly distrust?: string;
}

export type ShakeOutcome = Shaken | ({ readonly kind: "broken" | "silent"; readonly code: string } & Failure);

export type Shake = (request: ShakeRequest) => Promise<ShakeOutcome>;

/** The edges that a handshake touches. */
export interface ShakeOptions {
  readonly url: URL;
  /** `connect` of node:tls. */
  readonly connect: (options: ConnectionOptions) => TLSSocket;
  readonly now: () => number;
  /** Milliseconds that this process has been at work, and not listening. */
  readonly busy: () => number;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly record: (evidence: Evidence) => void;
}

/** Certificates in a chain are few; a hostile one must not go round in circles. */
const LONGEST_CHAIN = 10;

/** The one way to begin TLS: it sends nothing, trusts nothing by itself, and does not throw. */
export function createShake(options: ShakeOptions): Shake {
  return async (request) => {
    const started = options.now();
    const host = printable(`${options.url.hostname}:${portOf(options.url)}`);
    const outcome = await shake(request, options, host);
    options.record({
      request: `TLS ${host}`,
      ...(request.obsolete && { as: "offering TLS 1.0 and 1.1 only" }),
      ...(outcome.kind === "shaken" ? { tls: evidenceOf(outcome) } : { problem: outcome.reason }),
      durationMs: Math.round(options.now() - started),
    });
    return outcome;
  };
}

function shake(
  { ca, obsolete = false }: ShakeRequest,
  { url, connect, now, busy, signal, timeoutMs }: ShakeOptions,
  host: string,
): Promise<ShakeOutcome> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const [started, worked] = [now(), busy()];
  const isAddress = /^[\d.]+$|:/.test(hostname);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: portOf(url),
      // An address is no name to ask for (RFC 6066, section 3).
      ...(isAddress ? {} : { servername: hostname }),
      // So that what is wrong with the certificate can be told; nothing is sent to who shows it.
      rejectUnauthorized: false,
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
      // OpenSSL itself offers these only at its lowest level of security.
      ...(obsolete && { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" }),
    });
    const end = (outcome: ShakeOutcome) => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      resolve(outcome);
    };
    const fail = (error: unknown) => {
      const times = { timeoutMs, durationMs: now() - started, busyMs: busy() - worked };
      const { code = "" } = error as { code?: string };
      end({ ...noHead(error, { target: "TLS", host, ...times }), code });
    };
    const abort = () => fail(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", fail);
    // It hung up without a word.
    socket.once("close", () => fail(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    socket.once("secureConnect", () => {
      const { authorizationError } = socket as { authorizationError?: unknown };
      end({
        kind: "shaken",
        protocol: socket.getProtocol() ?? "unknown",
        chain: chainOf(socket.getPeerCertificate(true)),
        ...(authorizationError ? { distrust: codeOf(authorizationError) } : {}),
      });
    });
  });
}

function portOf(url: URL): number {
  return Number(url.port || 443);
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : String(error);
}

function chainOf(leaf: DetailedPeerCertificate): PeerCertificate[] {
  const chain: PeerCertificate[] = [];
  let current: DetailedPeerCertificate | undefined = leaf;
  while (current?.raw !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(current);
    const issuer: DetailedPeerCertificate | undefined = current.issuerCertificate;
    current = issuer?.fingerprint256 === current.fingerprint256 ? undefined : issuer;
  }
  return chain;
}

function evidenceOf({ protocol, chain: [leaf] }: Shaken): NonNullable<Evidence["tls"]> {
  return {
    protocol,
    subject: nameOf(leaf?.subject),
    issuer: nameOf(leaf?.issuer),
    expires: leaf === undefined ? "" : new Date(leaf.valid_to).toISOString(),
  };
}

/** The name that people know a certificate's party by. */
export function nameOf(party: PeerCertificate["subject"] | undefined): string {
  const { CN, O } = (party ?? {}) as { CN?: string | string[]; O?: string | string[] };
  return printable([CN ?? O ?? ""].flat().join(", "));
}
