import { createHash } from "node:crypto";
import type { StoredFile } from "../manifest.ts";
import type { Store } from "../stores/store.ts";
import { tap } from "./chunks.ts";
import type { Compression } from "./compression.ts";
import { PartHasher } from "./hashes.ts";
import type { Recipient } from "./seal/keys.ts";
import { seal } from "./seal/seal.ts";

/** Bytes each part that is hashed by itself: damage is found to within this much. */
const PART_BYTES = 16 * 1024 * 1024;

/** What is to be stored, and how. */
export interface WriteOptions {
  readonly name: string;
  readonly key: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly compression: Compression;
  /** Empty: stored as it is. */
  readonly recipients: readonly Recipient[];
  readonly tags: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Hears how many plain bytes went by, and how many reached the store. */
  readonly onBytes: (plain: number, stored: number) => void;
}

/**
 * Compresses, seals, hashes and stores one file in one pass with bounded memory.
 *
 * That it was stored does not make it good: whoever makes the body must also have ended with success.
 */
export async function writeFile(store: Store, options: WriteOptions): Promise<StoredFile> {
  const { name, key, compression, recipients, tags, signal, onBytes } = options;
  const plain = createHash("sha256");
  let plainBytes = 0;
  const read = tap(options.body, (bytes) => {
    plain.update(bytes);
    plainBytes += bytes.length;
    onBytes(bytes.length, 0);
  });
  const small = compression.compress(read, signal);
  const sealed = recipients.length === 0 ? small : seal(small, recipients);
  const hasher = new PartHasher(PART_BYTES);
  const hashed = tap(sealed, (bytes) => {
    hasher.update(bytes);
    onBytes(0, bytes.length);
  });
  const object = await store.put(key, hashed, { kind: "data", tags, signal });
  const { bytes, sha256, parts } = hasher.finish();
  if (object.bytes !== bytes) {
    throw new Error(`The store holds ${object.bytes} bytes of ${key}, and ${bytes} were given to it.`);
  }
  const plainSha256 = plain.digest("hex");
  const compressed = compression.name;
  return {
    ...{ name, key, bytes, sha256, partBytes: PART_BYTES, parts },
    ...{ plainBytes, plainSha256, compression: compressed },
  };
}
