import * as v from "valibot";
import { parseDocument, writeDocument } from "./document.ts";
import { layout } from "./layout.ts";
import type { Manifest } from "./manifest.ts";
import type { Store } from "./stores/store.ts";

/** That a backup was restored, and that what came out was what went in. */
export interface Proof {
  readonly format: 1;
  readonly id: string;
  /** Checksum of the manifest that the restored database was held against. */
  readonly manifest: string;
  /** RFC 3339, by the store's clock. */
  readonly at: string;
  readonly by: "restore" | "drill" | "verify";
  readonly tool: string;
  readonly tables: number;
  readonly rows: number;
  /** From the first byte fetched to the last table compared. */
  readonly seconds: number;
}

const SCHEMA = v.object({
  format: v.literal(1),
  id: v.string(),
  manifest: v.string(),
  at: v.string(),
  by: v.picklist(["restore", "drill", "verify"]),
  tool: v.string(),
  tables: v.number(),
  rows: v.number(),
  seconds: v.number(),
});

/** `undefined` for anything that is no proof: it then proves nothing. */
export function parseProof(text: string): Proof | undefined {
  return parseDocument(SCHEMA, text);
}

/** Why a restore of a backup proves nothing although all was equal, in words; `undefined`: it proves the backup. */
export function provesNothing({ contents }: Pick<Manifest, "contents">): string | undefined {
  // A comparison that compared nothing has not passed; an empty database is more often a wrong one than a new one.
  return contents.tables.length > 0 ? undefined : "it holds no table, so nothing was compared";
}

/** Records in the store that a backup was restored to equal content. */
export async function writeProof(
  store: Store,
  folder: string,
  manifest: Manifest,
  facts: Pick<Proof, "by" | "tool" | "seconds">,
): Promise<Proof> {
  const at = await store.now();
  const { tables } = manifest.contents;
  const proof: Proof = {
    format: 1,
    id: manifest.id,
    manifest: manifest.checksum,
    at: at.toISOString(),
    ...facts,
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
  };
  await writeDocument(store, layout(folder).proof(manifest.id, at), JSON.stringify(proof, undefined, 2));
  return proof;
}
