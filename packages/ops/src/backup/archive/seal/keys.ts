import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";

/** Somebody who can open what is sealed to them. Not a secret. */
export interface Recipient {
  readonly key: KeyObject;
  /** The 32 bytes of the public key. */
  readonly raw: Buffer;
  /** First 16 hex digits of the SHA-256 of `raw`: which key opens a backup. */
  readonly fingerprint: string;
}

/** A private key, and the recipient it is. */
export interface Identity {
  readonly key: KeyObject;
  readonly recipient: Recipient;
}

/**
 * Reads a recipient: an X25519 public key as PEM, or as the one line between the PEM's dashes.
 *
 * @throws {SeakeepError} `SK-BACKUP-011`; what was given is not shown, for it may be the private key.
 * @example
 * parseRecipient("MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=");
 */
export function parseRecipient(text: string): Recipient {
  const line = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, "").replace(/\s+/g, "");
  try {
    return recipient(createPublicKey({ key: Buffer.from(line, "base64"), format: "der", type: "spki" }));
  } catch (cause) {
    throw new SeakeepError("SK-BACKUP-011", "A recipient is not an X25519 public key.", { cause });
  }
}

/**
 * Reads the private keys of a file: one PEM block or several, other text between them left aside.
 *
 * @throws {SeakeepError} `SK-BACKUP-013` when there is none, or one that is no X25519 key.
 */
export function parseIdentities(text: string): readonly Identity[] {
  const blocks = text.match(/-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----/g) ?? [];
  if (blocks.length === 0) {
    throw new SeakeepError("SK-BACKUP-013", "The identity holds no private key in PEM.");
  }
  return blocks.map((block) => {
    try {
      const key = createPrivateKey(block);
      return { key, recipient: recipient(createPublicKey(key)) };
    } catch {
      // Without its cause, which could quote the key.
      throw new SeakeepError("SK-BACKUP-013", "A private key of the identity is not an X25519 key.");
    }
  });
}

function recipient(key: KeyObject): Recipient {
  if (key.asymmetricKeyType !== "x25519") throw new Error(`a key of type ${key.asymmetricKeyType}`);
  const raw = Buffer.from(String(key.export({ format: "jwk" }).x), "base64url");
  return { key, raw, fingerprint: createHash("sha256").update(raw).digest("hex").slice(0, 16) };
}
