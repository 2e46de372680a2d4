import type { Connection } from "../postgres/connection.ts";
import { atOnce } from "../system/at-once.ts";
import type { Compression } from "./archive/compression.ts";
import { SCHEME } from "./archive/seal/format.ts";
import type { Recipient } from "./archive/seal/keys.ts";
import { writeFile } from "./archive/write.ts";
import { readCatalog } from "./catalog.ts";
import { writeDocument } from "./document.ts";
import type { Dump, Engine } from "./engines/engine.ts";
import { formatId } from "./id.ts";
import { type Layout, layout, serviceFolder } from "./layout.ts";
import { acquireLock } from "./lock.ts";
import { completeManifest, type Manifest, objectsOf, renderManifest, type StoredFile } from "./manifest.ts";
import type { DatabaseLock } from "./server/database-lock.ts";
import type { Store } from "./stores/store.ts";
import { sweepLeftovers } from "./sweep.ts";

/** How far a backup is. */
export interface Progress {
  /** Bytes of the dump so far. */
  readonly plain: number;
  readonly stored: number;
  /** Of the dump, an estimate. */
  readonly expected: number;
}

export interface CreateOptions {
  readonly service: string;
  /** Hash of the declaration. */
  readonly declaration?: string | undefined;
  readonly keep?: Manifest["retention"]["keep"] | undefined;
  readonly recipients: readonly Recipient[];
  readonly connection: Connection;
  /** Folder of pg_dump. */
  readonly programs?: string | undefined;
  /** Files that are dumped and stored at once, at least 1. Default 2. */
  readonly jobs?: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (text: string) => void;
}

/** While one waits, for the server or for the store, the other goes on; more is for who knows that the server bears it. */
const DEFAULT_JOBS = 2;

/** What a create works with. */
export interface CreateParts {
  readonly store: Store;
  readonly engine: Engine;
  readonly compression: Compression;
  /** Keeps others from the same database. */
  readonly lockDatabase: (connection: Connection, service: string) => Promise<DatabaseLock>;
  readonly now: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Name and version of this tool. */
  readonly tool: string;
  /** Host and process, for whoever finds the lock. */
  readonly holder: string;
}

/**
 * Takes one backup. It counts from the moment its manifest is in the store, and that is the last thing written; whatever
 * happens before, nothing is listed and what was written is removed again, now or by the next create.
 *
 * @throws {SeakeepError} `SK-BACKUP-004` or `-005` for a second run; `SK-STORE-*`, `SK-POSTGRES-*`, `SK-DUMP-*`.
 */
export async function create(parts: CreateParts, options: CreateOptions): Promise<Manifest> {
  const { store, lockDatabase, random, holder } = parts;
  const folder = serviceFolder(options.service);
  const keys = layout(folder);
  options.signal.throwIfAborted();
  const database = await lockDatabase(options.connection, options.service);
  try {
    const token = Buffer.from(random(16)).toString("hex");
    const lock = await acquireLock(store, keys.lock, { token, holder, database: database.id });
    try {
      const catalog = await readCatalog(store, folder, options.signal);
      await sweepLeftovers(store, keys.backups, catalog.leftovers).catch((error: unknown) =>
        options.onWarning?.(`what interrupted runs left behind was not removed: ${(error as Error).message}`),
      );
      const previous = catalog.backups.at(-1)?.manifest;
      const known = [...catalog.backups, ...catalog.leftovers].map(({ sequence }) => sequence);
      const sequence = Math.max(0, ...known) + 1;
      const manifest = await dumpAndPublish(parts, options, keys, sequence, () => lock.check());
      if (previous !== undefined && previous.database.system !== manifest.database.system) {
        options.onWarning?.(
          `${previous.id} was of another database server. Give each its own service or store, unless you have moved.`,
        );
      }
      return manifest;
    } finally {
      await lock.release();
    }
  } finally {
    await database.release();
  }
}

async function dumpAndPublish(
  { store, engine, compression, now, random, tool }: CreateParts,
  options: CreateOptions,
  keys: Layout,
  sequence: number,
  checkLock: () => Promise<void>,
): Promise<Manifest> {
  const { service, connection, programs, recipients, declaration, keep, onWarning } = options;
  const startedAt = now();
  const id = formatId(sequence, startedAt, random(2));
  // Ends the other files when one fails.
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let dump: Dump | undefined;
  try {
    dump = await engine.dump({
      ...{ connection, signal },
      ...(programs !== undefined && { programs }),
      ...(onWarning && { onWarning }),
    });
    const files = await storeFiles(store, dump, { id, keys, compression, options, signal, stop });
    // Only now is it known that the bodies were whole: pg_dump has ended, and well.
    const contents = await dump.contents();
    const manifest = completeManifest({
      format: 2,
      ...{ id, sequence, service, tool },
      ...(declaration !== undefined && { declaration }),
      engine: engine.name,
      database: dump.database,
      snapshotAt: dump.snapshotAt.toISOString(),
      startedAt: startedAt.toISOString(),
      finishedAt: now().toISOString(),
      ...{ files, contents },
      ...(recipients.length > 0 && {
        encryption: { scheme: SCHEME, recipients: recipients.map(({ fingerprint }) => fingerprint) },
      }),
      retention: keep === undefined ? {} : { keep },
    });
    await checkStored(store, files);
    await checkLock();
    signal.throwIfAborted();
    const tags = { service: keys.backups.split("/")[0]!, backup: id };
    await writeDocument(store, keys.manifest(id), renderManifest(manifest), { ifAbsent: true, tags });
    return manifest;
  } catch (error) {
    stop.abort(error);
    await dump?.close();
    if (dump !== undefined) await discard(store, keys, id);
    options.signal.throwIfAborted();
    throw error;
  } finally {
    await dump?.close();
  }
}

interface StoreFilesOptions {
  readonly id: string;
  readonly keys: Layout;
  readonly compression: Compression;
  readonly options: CreateOptions;
  readonly signal: AbortSignal;
  /** Ends the dump, and with it the others, when one fails. */
  readonly stop: AbortController;
}

/** Stores the files in their order, as many at once as there are jobs. */
async function storeFiles(
  store: Store,
  dump: Dump,
  { id, keys, compression, options, signal, stop }: StoreFilesOptions,
): Promise<StoredFile[]> {
  let [plain, stored] = [0, 0];
  const onBytes = (morePlain: number, moreStored: number) => {
    plain += morePlain;
    stored += moreStored;
    options.onProgress?.({ plain, stored, expected: dump.estimatedBytes });
  };
  const tags = { service: serviceFolder(options.service), backup: id };
  const { recipients, jobs = DEFAULT_JOBS } = options;
  const files: StoredFile[] = [];
  // Nothing is removed, when one has failed, while another still writes.
  await atOnce(dump.files.entries(), jobs, signal, async ([index, { name, body }], stopped) => {
    const key = keys.file(id, name);
    const written = { name, key, body, compression, recipients, tags, signal: stopped, onBytes };
    files[index] = await writeFile(store, written).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
  });
  return files;
}

/** What the store says that it has, just before the manifest says so too. */
async function checkStored(store: Store, files: readonly StoredFile[]): Promise<void> {
  for (const { key, bytes } of files.flatMap(objectsOf)) {
    const found = await store.head(key);
    if (found?.bytes !== bytes) {
      throw new Error(`The store has ${found?.bytes ?? "nothing"} of the ${bytes} bytes of ${key}.`);
    }
  }
}

/** Best effort: without a manifest nothing of it counts, and the next create sweeps it. The manifest goes first. */
async function discard(store: Store, keys: Layout, id: string): Promise<void> {
  try {
    await store.delete(keys.manifest(id));
    for await (const { key } of store.list(keys.backup(id))) await store.delete(key);
  } catch {
    // The store fails as well: what failed first is what is told.
  }
}
