import type { Leftover } from "./catalog.ts";
import { layout } from "./layout.ts";
import type { Store } from "./stores/store.ts";

/** Milliseconds after which what an interrupted run left behind is surely nobody's any more. */
const AGE = 24 * 3_600_000;

/**
 * Removes what interrupted creates left behind: unfinished uploads, and objects of backups without a manifest. Only
 * what is older than a day by the store's clock; call it holding the service's lock.
 *
 * @param prefix of the service's backups
 */
export async function sweepLeftovers(
  store: Store,
  prefix: string,
  leftovers: readonly Leftover[],
): Promise<void> {
  const before = new Date((await store.now()).getTime() - AGE);
  await store.sweep(prefix, before);
  for (const { folder, id, objects } of leftovers) {
    if (objects.some(({ modified }) => modified >= before)) continue;
    // It was missing when the store was listed; be sure, for these may be the only bytes of a backup.
    if ((await store.head(layout(folder).manifest(id))) !== undefined) continue;
    for (const { key } of objects) await store.delete(key);
  }
}
