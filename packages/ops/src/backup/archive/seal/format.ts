import { createHash, hkdfSync } from "node:crypto";

/** The format of sealed files, as docs/reference/backup-format.md tells it. */
export const SCHEME: string = "seakeep-seal-1";

/** First bytes of a sealed file. */
export const MAGIC: Buffer = Buffer.from("SKSEAL1\n", "latin1");

/** Plain bytes each chunk holds, but for the last. */
export const CHUNK_BYTES: number = 256 * 1024;

/** Bytes of the authentication tag behind each chunk, and behind each wrapped key. */
export const TAG_BYTES = 16;

/** Longest header that is read: room for a thousand recipients. */
export const MAX_HEADER_BYTES: number = 256 * 1024;

/** The file key as one recipient can open it. */
export interface WrappedKey {
  /** Which key opens it. */
  readonly recipient: string;
  /** Public half of a key pair made for this file and recipient, base64. */
  readonly ephemeral: string;
  /** AES-256-GCM of the file key, and its tag, base64. */
  readonly key: string;
}

/** Between magic and body, as JSON behind its length in 4 bytes, big endian. */
export interface Header {
  readonly chunkBytes: number;
  readonly recipients: readonly WrappedKey[];
}

/** The key that wraps the file key for one recipient. It is used once, so its nonce is zero. */
export function wrappingKey(shared: Uint8Array, ephemeral: Uint8Array, recipient: Uint8Array): Buffer {
  const salt = Buffer.concat([ephemeral, recipient]);
  return Buffer.from(hkdfSync("sha256", shared, salt, `${SCHEME} wrap`, 32));
}

/** The key of the body. It depends on every byte of the header: a changed header opens nothing. */
export function bodyKey(fileKey: Uint8Array, head: Uint8Array): Buffer {
  const salt = createHash("sha256").update(head).digest();
  return Buffer.from(hkdfSync("sha256", fileKey, salt, `${SCHEME} body`, 32));
}

/**
 * Nonce of a chunk: its number in 11 bytes, then 1 for the last chunk, else 0. No chunk can be moved, dropped, doubled
 * or added (STREAM, Hoang, Reyhanitabar, Rogaway and Vizár 2015, https://eprint.iacr.org/2015/189).
 */
export function chunkNonce(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

export const ZERO_NONCE: Buffer = Buffer.alloc(12);
