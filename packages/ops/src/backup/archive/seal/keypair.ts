import { generateKeyPairSync } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import { SeakeepError } from "@seakeep/contract";
import { parseRecipient } from "./keys.ts";

/** A new key pair, in the formats of `openssl genpkey -algorithm X25519` and of `recipients`. */
export interface KeyPair {
  /** PEM. Whoever has it opens every backup that is encrypted to the pair. */
  readonly privateKey: () => string;
  /** One line of base64. */
  readonly recipient: string;
  /** What `backup show` calls it. */
  readonly fingerprint: string;
}

/** Makes an X25519 key pair. */
export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("x25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  const recipient = publicKey.toString("base64");
  // A function, as of passwords: no log or JSON text shows it by accident.
  return { privateKey: () => privateKey, recipient, fingerprint: parseRecipient(recipient).fingerprint };
}

/**
 * Writes the private key to a new file that only its owner can read. Nothing is ever overwritten: the only copy of an
 * older key may be there.
 *
 * @throws {SeakeepError} `SK-BACKUP-016`; then there is no new file.
 */
export async function writePrivateKey(path: string, { privateKey }: KeyPair): Promise<void> {
  // Exclusive: it follows no link and waits for no pipe.
  const file = await open(path, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === "EEXIST" ? `${path} exists.` : `${path} could not be made: ${cause.message}.`;
    throw new SeakeepError("SK-BACKUP-016", what, { cause });
  });
  try {
    await file.writeFile(privateKey());
    await file.sync();
    await file.close();
  } catch (cause) {
    await file.close().catch(() => {});
    // Half a key would look like one.
    await unlink(path).catch(() => {});
    const what = `${path} could not be written: ${(cause as Error).message}.`;
    throw new SeakeepError("SK-BACKUP-016", what, { cause });
  }
}
