import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate with its private key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** What it takes to sign others with. */
  readonly signer: { readonly name: string; readonly key: KeyObject };
}

/** What a certificate says. */
export interface CertificateOptions {
  /** Common name; of a server also its DNS name, unless `hosts` says otherwise. */
  readonly name: string;
  /** DNS names and IPv4 addresses that it is for. */
  readonly hosts?: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
  /** Who signs it; default: it itself. */
  readonly issuer?: Certificate["signer"];
  /** An authority, that may sign others. */
  readonly ca?: boolean;
}

const DAY = 86_400_000;

/**
 * Makes an X.509 certificate (RFC 5280), with a P-256 key. Written out here because Node makes none, and a test that
 * needs an expired one should not need another program.
 */
export function makeCertificate(options: CertificateOptions): Certificate {
  const { name, ca = false } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = options.issuer ?? { name, key: privateKey };
  const from = options.from ?? new Date(Date.now() - DAY);
  const until = options.until ?? new Date(Date.now() + 90 * DAY);
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguished(signer.name),
    sequence(time(from), time(until)),
    distinguished(name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...(ca ? [AUTHORITY] : [alternatives(options.hosts ?? [name])]))),
  );
  const signature = sign("sha256", body, signer.key);
  return {
    cert: pem(sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))),
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    signer: { name, key: privateKey },
  };
}

const AUTHORITY = extension("2.5.29.19", sequence(tagged(0x01, Buffer.from([0xff]))), true);

function alternatives(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host)
      ? tagged(0x87, Buffer.from(host.split(".").map(Number)))
      : tagged(0x82, Buffer.from(host)),
  );
  return extension("2.5.29.17", sequence(...names), false);
}

function extension(id: string, value: Buffer, critical: boolean): Buffer {
  const flag = critical ? [tagged(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(id), ...flag, tagged(0x04, value));
}

function distinguished(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid("2.5.4.3"), tagged(0x0c, Buffer.from(name)))));
}

/** GeneralizedTime, which the standard keeps for years from 2050 on, and every reader takes. */
function time(date: Date): Buffer {
  const text = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(text.slice(2)))
    : tagged(0x18, Buffer.from(text));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = rest.flatMap((part) => {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return tagged(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

/** DER (X.690): a tag, how long, and what. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
