import * as v from "valibot";
import type { PutOptions, Store, StoredObject } from "./stores/store.ts";

/**
 * Reads a small object whole.
 *
 * @throws {RangeError} when it has more than `most` bytes; a `StoreError` of reason `missing` when it is not there.
 */
export async function readDocument(
  store: Store,
  key: string,
  most: number,
  signal?: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of store.get(key, signal ? { signal } : {})) {
    bytes += chunk.length;
    if (bytes > most) throw new RangeError(`${key} has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Writes a small object whole. */
export function writeDocument(
  store: Store,
  key: string,
  text: string,
  options: Omit<PutOptions, "kind"> = {},
): Promise<StoredObject> {
  return store.put(key, once(Buffer.from(text)), { ...options, kind: "index" });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

/** A document of ours by its text; `undefined` for anything else, which anybody may have put there. */
export function parseDocument<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  try {
    const { success, output } = v.safeParse(schema, JSON.parse(text));
    return success ? (output as T) : undefined;
  } catch {
    return undefined;
  }
}
