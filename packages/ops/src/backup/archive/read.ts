import { createHash } from "node:crypto";
import type { StoredFile } from "../manifest.ts";
import { StoreError } from "../stores/error.ts";
import type { Store } from "../stores/store.ts";
import { compressionNamed } from "./compression.ts";
import { Damage } from "./damage.ts";
import type { Identity } from "./seal/keys.ts";
import { unseal } from "./seal/unseal.ts";
import { checkedBytes, failOnDamage, findDamage, type ReadOptions } from "./stored.ts";

/** How a file is read back. */
export interface ReadFileOptions extends ReadOptions {
  readonly sealed: boolean;
  readonly identities: readonly Identity[];
}

/**
 * The plain bytes of a stored file. They may be trusted only once the stream has ended without an error: write them to
 * a place of your own until then.
 *
 * @throws {Damage} when stored or plain bytes are not what was written.
 * @throws {StoreError} when the store cannot be read.
 * @throws {SeakeepError} `SK-BACKUP-009` or `-012` when this machine or its identities cannot open it.
 */
export async function* readFile(
  store: Store,
  file: StoredFile,
  options: ReadFileOptions,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* plainBytes(store, file, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof Damage || error instanceof StoreError) throw error;
    // A flipped bit reaches the reader of the format before the hash of its part is known.
    const [problem] = await findDamage(store, file, { signal: options.signal });
    throw problem === undefined ? error : new Damage(problem);
  }
}

async function* plainBytes(
  store: Store,
  file: StoredFile,
  { sealed, identities, ...options }: ReadFileOptions,
): AsyncGenerator<Uint8Array, void> {
  const stored = checkedBytes(store, file, failOnDamage, options);
  const opened = sealed ? unseal(stored, identities) : stored;
  // Of a file of format 1; since then the check value in the compressed stream stands for it.
  const plain = file.plainSha256 === undefined ? undefined : createHash("sha256");
  let bytes = 0;
  for await (const chunk of compressionNamed(file.compression).decompress(opened, options.signal)) {
    bytes += chunk.length;
    // Never more than was promised: a small file could unfold into a full disk.
    if (bytes > file.plainBytes) break;
    plain?.update(chunk);
    yield chunk;
  }
  if (bytes !== file.plainBytes || plain?.digest("hex") !== file.plainSha256) {
    throw new Damage(`${file.name}: unpacked, it is not what was dumped.`);
  }
}
