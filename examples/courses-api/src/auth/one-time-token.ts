import { createHash, randomBytes } from "node:crypto";

/** A secret for its owner and the hash to keep: 256 random bits need no salt and no slow hash. */
export function oneTimeToken(): { token: string; hash: Buffer } {
  const token = randomBytes(32).toString("base64url");
  return { token, hash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
