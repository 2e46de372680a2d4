import { discardsBuffer } from "../../system/young-generation.ts";
import { objectsOf, type StoredFile } from "../manifest.ts";
import { failedAs } from "../stores/error.ts";
import type { Store } from "../stores/store.ts";
import { Damage } from "./damage.ts";
import { PartHasher } from "./hashes.ts";

/** How to read. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears how many stored bytes were read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * The bytes of a file as they are in the store, held against its hashes as they pass.
 *
 * @param report hears of each damage in words; what it throws ends the stream
 * @throws {StoreError} when the store cannot be read, which says nothing about the backup.
 */
export async function* checkedBytes(
  store: Store,
  file: StoredFile,
  report: (problem: string) => void,
  { signal, onBytes }: ReadOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const hasher = new PartHasher(file.partBytes, (sha256, index) => {
    if (file.parts[index] === undefined || sha256 === file.parts[index]) return;
    const from = index * file.partBytes;
    const to = Math.min(from + file.partBytes, file.bytes) - 1;
    report(`${file.name}: bytes ${from} to ${to} are not what was stored.`);
  });
  try {
    for (const { key } of objectsOf(file)) {
      for await (const bytes of store.get(key, signal ? { signal } : {})) {
        hasher.update(bytes);
        onBytes?.(bytes.length);
        yield bytes;
        // The store made one for them, and a cipher may have made another.
        discardsBuffer(bytes.length);
      }
    }
  } catch (error) {
    if (!failedAs(error, "missing")) throw error;
    return report(`${file.name}: it is no longer in the store.`);
  }
  const { bytes } = hasher.finish();
  if (bytes !== file.bytes) report(`${file.name}: it has ${bytes} bytes, and ${file.bytes} were stored.`);
}

/** Reads a file to its end and answers everything that is wrong with it. */
export async function findDamage(store: Store, file: StoredFile, options?: ReadOptions): Promise<string[]> {
  const problems: string[] = [];
  for await (const _ of checkedBytes(store, file, (problem) => problems.push(problem), options));
  return problems;
}

/** A `report` that ends the stream at the first damage. */
export function failOnDamage(problem: string): never {
  throw new Damage(problem);
}
