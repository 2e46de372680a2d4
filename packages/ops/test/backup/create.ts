import { type Compression, compressionNamed } from "../../src/backup/archive/compression.ts";
import { type CreateOptions, type CreateParts, create } from "../../src/backup/create.ts";
import type { Manifest } from "../../src/backup/manifest.ts";
import type { Store } from "../../src/backup/stores/store.ts";
import { CONNECTION, fakeEngine } from "./fake-engine.ts";

type Given = Partial<CreateParts> & Partial<CreateOptions>;

/** Creates a backup of a fake database; everything can be another thing. */
export function createIn(store: Store, given: Given = {}): Promise<Manifest> {
  let seed = 0;
  const compression: Compression = compressionNamed("gzip");
  const parts: CreateParts = {
    store,
    engine: fakeEngine(),
    compression,
    lockDatabase: async () => ({ id: "database-1", release: async () => {} }),
    now: () => new Date("2026-11-23T06:30:00Z"),
    random: (bytes) => new Uint8Array(bytes).fill(++seed),
    tool: "seakeep test",
    holder: "a test",
    ...given,
  };
  return create(parts, {
    service: "shop",
    recipients: [],
    connection: CONNECTION,
    signal: new AbortController().signal,
    ...given,
  });
}
