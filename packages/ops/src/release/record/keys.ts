import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import { type RecordSignature, type ReleaseRecord, signedBytes } from "./record.ts";

/** A key that signs records. */
export interface SigningKey {
  /** @returns the record with its signature. */
  sign(record: ReleaseRecord): ReleaseRecord;
  /** Which key it is. */
  readonly id: string;
}

/** A key whose signatures count. */
export interface Signer {
  readonly id: string;
  signed(record: ReleaseRecord): boolean;
}

/** @throws {SeakeepError} `SK-RELEASE-006`; nothing of the key is repeated. */
export function parseSigningKey(text: string): SigningKey {
  const key = read(
    text,
    "PRIVATE KEY",
    createPrivateKey,
    "SEAKEEP_SIGNING_KEY is no private key for Ed25519.",
  );
  const id = idOf(createPublicKey(key));
  return {
    id,
    sign(record) {
      const value = sign(null, signedBytes(record), key).toString("base64");
      return { ...record, signature: { key: id, value } satisfies RecordSignature };
    },
  };
}

/**
 * @param shown where it stands
 * @throws {SeakeepError} `SK-RELEASE-006`.
 */
export function parseSigner(text: string, shown: string): Signer {
  const key = read(text, "PUBLIC KEY", createPublicKey, `${shown} is no public key for Ed25519.`);
  const id = idOf(key);
  return {
    id,
    signed(record) {
      const { signature } = record;
      if (signature === null || signature.key !== id) return false;
      return verify(null, signedBytes(record), key, Buffer.from(signature.value, "base64"));
    },
  };
}

/** Takes PEM, or the one line between its dashes. */
function read(text: string, label: string, parse: (pem: string) => KeyObject, what: string): KeyObject {
  const body = text.trim();
  const pem = body.startsWith("-----") ? body : `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
  // A public key can be had of a private one as well: whoever does that has told the private one to a configuration.
  if (!pem.startsWith(`-----BEGIN ${label}-----`)) throw new SeakeepError("SK-RELEASE-006", what);
  let key: KeyObject;
  try {
    key = parse(pem);
  } catch {
    throw new SeakeepError("SK-RELEASE-006", what);
  }
  if (key.asymmetricKeyType !== "ed25519") throw new SeakeepError("SK-RELEASE-006", what);
  return key;
}

function idOf(key: KeyObject): string {
  const spki = key.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
}
