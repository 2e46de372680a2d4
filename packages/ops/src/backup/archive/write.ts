import { keyOfPiece, type StoredFile } from "../manifest.ts";
import type { Store } from "../stores/store.ts";
import { tap } from "./chunks.ts";
import type { Compression } from "./compression.ts";
import { PartHasher } from "./hashes.ts";
import { piecesOf } from "./pieces.ts";
import type { Recipient } from "./seal/keys.ts";
import { seal } from "./seal/seal.ts";

/** Bytes each part that is hashed by itself: damage is found to within this much. */
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Bytes each object at most. A stream tells its length only at its end, and S3 takes 10,000 parts of an object: without a
 * limit the parts, and the memory that holds them, would grow with the database.
 */
const PIECE_BYTES = 4 * 1024 ** 3;

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
  /** Bytes each object at most; default 4 GiB. */
  readonly pieceBytes?: number;
}

/**
 * Compresses, seals, hashes and stores one file in one pass with bounded memory.
 *
 * That it was stored does not make it good: whoever makes the body must also have ended with success.
 */
export async function writeFile(store: Store, options: WriteOptions): Promise<StoredFile> {
  const { name, key, compression, recipients, tags, signal, onBytes, pieceBytes = PIECE_BYTES } = options;
  let plainBytes = 0;
  const read = tap(options.body, (bytes) => {
    plainBytes += bytes.length;
    onBytes(bytes.length, 0);
  });
  const small = compression.compress(read, signal);
  const sealed = recipients.length === 0 ? small : seal(small, recipients);
  const hasher = new PartHasher(PART_BYTES);
  const pieces: number[] = [];
  for await (const piece of piecesOf(sealed, pieceBytes)) {
    let given = 0;
    const hashed = tap(piece, (bytes) => {
      hasher.update(bytes);
      given += bytes.length;
      onBytes(0, bytes.length);
    });
    const at = keyOfPiece(key, pieces.length);
    const object = await store.put(at, hashed, { kind: "data", tags, signal });
    if (object.bytes !== given) {
      throw new Error(`The store holds ${object.bytes} bytes of ${at}, and ${given} were given to it.`);
    }
    pieces.push(given);
  }
  return {
    ...{ name, key, ...hasher.finish(), partBytes: PART_BYTES, plainBytes },
    ...(pieces.length > 1 && { pieces }),
    compression: compression.name,
  };
}
