import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type Duration, formatDuration, milliseconds, SeakeepError } from "@seakeep/contract";
import type { Check, CheckContext, CommonCheckOptions } from "../check.ts";
import { Findings } from "../findings.ts";
import { list, quote } from "../text.ts";
import { nameOf, type Shaken } from "./handshake.ts";

/** Options of {@link tls}. */
export interface TlsOptions extends CommonCheckOptions {
  /** A certificate of the chain that ends within this time is a failure; default `"14d"`. */
  readonly expiresAfter?: Duration;
  /** Certificates of authorities that are trusted beside those that Node trusts, as PEM: those of a private authority. */
  readonly ca?: string;
}

const EXPIRES_AFTER: Duration = "14d";

/**
 * The certificate is for this host, its chain leads to an authority that is trusted here, nothing in it ends soon, and
 * the protocol is TLS 1.2 or newer, with the old ones refused.
 *
 * A URL that is not https shows no certificate: that is "unknown", for the wrong URL was given.
 *
 * @throws {SeakeepError} `SK-CHECK-008` when `expiresAfter` is no duration or `ca` holds no certificate.
 * @see https://www.rfc-editor.org/rfc/rfc9325 (BCP 195: recommendations for the use of TLS)
 * @example
 * tls({ expiresAfter: "21d" });
 */
export function tls(options: TlsOptions = {}): Check {
  const { ca } = options;
  const written = options.expiresAfter ?? EXPIRES_AFTER;
  const margin = milliseconds(written);
  if (margin === undefined) throw refuse(`has ${JSON.stringify(written)} as a time`, 'Write it like "14d".');
  if (ca !== undefined && !ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw refuse(
      "was given a ca that holds no certificate",
      'Read the file: readFileSync("ca.pem", "utf8").',
    );
  }
  return {
    kind: "tls",
    name: options.name ?? "tls",
    async run(context) {
      const findings = new Findings();
      if (context.url.protocol !== "https:") {
        const fix = "Check the https URL, or leave tls() out where there is none.";
        findings.unsure("The URL is http, so there is no certificate to look at.", fix);
        return findings.conclude("");
      }
      const outcome = await context.shake(ca === undefined ? {} : { ca });
      if (outcome.kind !== "shaken") {
        if (outcome.kind === "broken" || /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(outcome.code)) {
          findings.fail(outcome.reason, outcome.fix);
        } else {
          findings.unsure(outcome.reason, outcome.fix);
        }
        return findings.conclude("");
      }
      judgeChain(outcome, context, margin, findings);
      judgeProtocol(outcome, findings);
      await probeObsolete(context, findings);
      const [leaf] = outcome.chain;
      const left = leaf === undefined ? 0 : ends(leaf) - context.date().getTime();
      const issuer = quote(nameOf(leaf?.issuer));
      return findings.conclude(`${outcome.protocol}; certificate of ${issuer} for ${span(left)} more.`);
    },
  };
}

function refuse(what: string, fix: string): SeakeepError {
  return new SeakeepError("SK-CHECK-008", `tls() ${what}.`, { fix });
}

/** What OpenSSL's codes mean, and what to do. Dates and names are judged by themselves. */
const DISTRUST: readonly (readonly [code: RegExp, what: string, fix: string])[] = [
  [
    /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
    "is signed by itself",
    "Get one from an authority, or name it: tls({ ca }).",
  ],
  [
    /^SELF_SIGNED_CERT_IN_CHAIN$/,
    "leads to an authority that is not trusted here",
    "Get one from a public authority, or name this one: tls({ ca }).",
  ],
  [
    /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT.*)$/,
    "leads nowhere: a certificate between it and its authority is missing, or that authority is not trusted here",
    "Serve the whole chain (fullchain.pem), or name a private authority: tls({ ca }).",
  ],
];

function judgeChain(
  { chain, distrust }: Shaken,
  { url, date }: CheckContext,
  margin: number,
  findings: Findings,
): void {
  const now = date().getTime();
  let isDated = false;
  for (const [index, certificate] of chain.entries()) {
    const which =
      index === 0
        ? "The certificate"
        : `The certificate of ${quote(nameOf(certificate.subject))} in its chain`;
    const left = ends(certificate) - now;
    const renew = "Renew it, and look at what should have done so.";
    if (left <= 0) findings.fail(`${which} expired ${span(-left)} ago.`, renew);
    else if (left <= margin) findings.fail(`${which} expires in ${span(left)}.`, renew);
    const early = new Date(certificate.valid_from).getTime() - now;
    if (early > 0)
      findings.fail(`${which} is not valid for another ${span(early)}.`, "Mend it, or the clock.");
    isDated ||= left <= 0 || early > 0;
  }
  const [leaf] = chain;
  if (leaf === undefined) {
    findings.fail("The server showed no certificate.", "Give it one.");
    return;
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (checkServerIdentity(host, leaf) !== undefined) {
    const names =
      leaf.subjectaltname?.split(", ").map((name) => name.replace(/^(DNS|IP Address):/, "")) ?? [];
    const shown = names.length === 0 ? nameOf(leaf.subject) : list(names);
    findings.fail(
      `The certificate is for ${quote(shown)}, not for ${host}.`,
      "Serve one that names this host.",
    );
  }
  if (
    distrust === undefined ||
    distrust === "ERR_TLS_CERT_ALTNAME_INVALID" ||
    (isDated && /EXPIRED|NOT_YET_VALID/.test(distrust))
  )
    return;
  const row = DISTRUST.find(([code]) => code.test(distrust));
  const what = row?.[1] ?? `is not trusted (${distrust})`;
  findings.fail(`The certificate ${what}.`, row?.[2] ?? "Look the code up in OpenSSL's verify(1).");
}

/** BCP 195 (RFC 9325), section 3.1.1. */
function judgeProtocol({ protocol }: Shaken, findings: Findings): void {
  if (/^TLSv1\.[2-9]$/.test(protocol)) return;
  findings.fail(`It speaks ${quote(protocol)}, which is broken.`, "Allow TLS 1.2 and 1.3 only.");
}

async function probeObsolete({ shake }: CheckContext, findings: Findings): Promise<void> {
  const outcome = await shake({ obsolete: true });
  if (outcome.kind !== "shaken") return;
  findings.fail(`It still speaks ${outcome.protocol} to who asks for it.`, "Allow TLS 1.2 and 1.3 only.");
}

function ends({ valid_to }: PeerCertificate): number {
  return new Date(valid_to).getTime();
}

const DAY = 86_400_000;

/** Whole days where there are any: a certificate's life is not told in seconds. */
function span(ms: number): string {
  return ms >= DAY
    ? formatDuration(Math.floor(ms / DAY) * DAY)
    : formatDuration(Math.max(Math.floor(ms / 1000), 0) * 1000);
}
