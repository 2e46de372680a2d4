import { findDamage } from "./archive/stored.ts";
import type { BackupEntry } from "./catalog.ts";
import type { Store } from "./stores/store.ts";

/** What re-reading a backup showed. */
export interface Verification {
  readonly id: string;
  readonly ok: boolean;
  /** Everything found, in words. */
  readonly problems: readonly string[];
}

/**
 * Reads every byte of a backup and holds it against every hash of its manifest.
 *
 * It shows that the store has what was written. That it can be restored, only a restore shows.
 *
 * @throws {StoreError} when the store cannot be read, which is no verdict.
 */
export async function verify(
  store: Store,
  { id, manifest, problems: known }: BackupEntry,
  options: { readonly signal?: AbortSignal; readonly onBytes?: (bytes: number) => void } = {},
): Promise<Verification> {
  const problems = [...known];
  for (const file of manifest?.files ?? []) {
    // What is missing or short is known already; reading it would say it again.
    if (known.some((problem) => problem.startsWith(`${file.name}: `))) continue;
    problems.push(...(await findDamage(store, file, options)));
  }
  return { id, ok: problems.length === 0, problems };
}
