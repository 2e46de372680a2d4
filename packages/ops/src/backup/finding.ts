import * as v from "valibot";
import { parseDocument, writeDocument } from "./document.ts";
import { layout } from "./layout.ts";
import type { Store } from "./stores/store.ts";

/** What reading every byte of a backup found, kept beside its proofs: the newest of both says what it is worth. */
export interface Finding {
  readonly format: 1;
  readonly id: string;
  /** Checksum of the manifest that the bytes were held against. */
  readonly manifest: string;
  /** RFC 3339, by the store's clock. */
  readonly at: string;
  readonly tool: string;
  /** In words; empty: all was sound, and what was found before is over. */
  readonly damage: readonly string[];
}

const SCHEMA = v.object({
  format: v.literal(1),
  id: v.string(),
  manifest: v.string(),
  at: v.string(),
  tool: v.string(),
  damage: v.array(v.string()),
});

/** `undefined` for anything that is none. */
export function parseFinding(text: string): Finding | undefined {
  return parseDocument(SCHEMA, text);
}

/** The backup that was read, as the catalog has it. */
interface Read {
  readonly id: string;
  readonly folder: string;
  readonly manifest?: { readonly checksum: string };
  readonly finding?: Finding;
}

/**
 * Records what a reading found where that is news, so that whoever lists the backup, chooses one or prunes knows it too.
 *
 * @param found damage in words, beyond what the backup lacks by the listing; empty: none
 */
export async function recordFinding(
  store: Store,
  { id, folder, manifest, finding }: Read,
  found: readonly string[],
  tool: string,
): Promise<void> {
  const isNews = JSON.stringify(found) !== JSON.stringify(finding?.damage ?? []);
  if (manifest === undefined || !isNews) return;
  const at = await store.now();
  const record: Finding = {
    format: 1,
    ...{ id, manifest: manifest.checksum, at: at.toISOString(), tool, damage: found },
  };
  await writeDocument(store, layout(folder).proof(id, at), JSON.stringify(record, undefined, 2));
}
