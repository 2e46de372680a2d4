import { closeSync, mkdtempSync, openSync, rmSync, write } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SeakeepError } from "@seakeep/contract";
import { readFile } from "./archive/read.ts";
import type { Identity } from "./archive/seal/keys.ts";
import { findDamage } from "./archive/stored.ts";
import type { StoredDump } from "./engines/engine.ts";
import type { Manifest, StoredFile } from "./manifest.ts";
import type { Store } from "./stores/store.ts";

export interface FetchOptions {
  readonly identities: readonly Identity[];
  /** Folder with room for the dump, unpacked. */
  readonly workFolder: string;
  readonly signal: AbortSignal;
  /** Hears how many stored bytes were read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** The files of a backup, ready to be restored. */
export interface Fetched extends StoredDump {
  /** What is wrong with the files that are read as they come, in words: all of it is read again. */
  damage(): Promise<string | undefined>;
  /** Takes away what is on this machine. */
  remove(): Promise<void>;
}

/** Bytes to leave free: a full disk hurts others too. */
const SPARE = 64 * 1024 * 1024;

/**
 * Reads a backup to files of its own that nobody else may read, but for those that are read when they are wanted. They are there
 * only once every byte was verified.
 *
 * On Linux they have lost their names before the first byte is written, and live only as open descriptors: a process
 * that is killed leaves nothing unpacked behind, which may well be what was encrypted in the store. Elsewhere they are
 * removed by `remove`.
 *
 * @param isRead of which files there is to be no copy here
 * @throws {Damage} when it is damaged; {SeakeepError} `SK-BACKUP-010` when there is no room, `-009`, `-012`. Reading too.
 */
export async function fetchBackup(
  store: Store,
  manifest: Manifest,
  isRead: (name: string) => boolean,
  options: FetchOptions,
  platform: string = process.platform,
): Promise<Fetched> {
  const copied = manifest.files.filter(({ name }) => !isRead(name));
  await checkRoom(copied, options.workFolder);
  // Without a pause between them: there is hardly a moment to be killed in.
  const folder = mkdtempSync(join(options.workFolder, "seakeep-restore-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const opened = new Map<string, number>();
  const remove = async () => {
    for (const descriptor of opened.values()) closeSync(descriptor);
    opened.clear();
    removeFolder();
  };
  try {
    for (const { name } of copied) opened.set(name, openSync(join(folder, name), "wx", 0o600));
    const nameless = platform === "linux";
    if (nameless) removeFolder();
    const sealed = manifest.encryption !== undefined;
    const { identities, signal, onBytes } = options;
    const read = (file: StoredFile, until: AbortSignal) =>
      readFile(store, file, { sealed, identities, signal: until, onBytes });
    const paths = new Map<string, string>();
    for (const file of copied) {
      const descriptor = opened.get(file.name)!;
      for await (const bytes of read(file, signal)) await writeAll(descriptor, bytes);
      // By this process's own number: pg_restore and its workers open it again.
      paths.set(file.name, nameless ? `/proc/${process.pid}/fd/${descriptor}` : join(folder, file.name));
    }
    return {
      names: manifest.files.map(({ name }) => name),
      path: (name) => paths.get(name)!,
      read: (name, until) =>
        read(manifest.files.find((file) => file.name === name)!, AbortSignal.any([signal, until])),
      async damage() {
        for (const file of manifest.files.filter(({ name }) => isRead(name))) {
          const [problem] = await findDamage(store, file, { signal });
          if (problem !== undefined) return problem;
        }
        return undefined;
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw noRoom(error, options.workFolder) ?? error;
  }
}

const writeSome = promisify(write);

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length; ) from += (await writeSome(descriptor, bytes, from)).bytesWritten;
}

async function checkRoom(files: readonly StoredFile[], folder: string): Promise<void> {
  const wanted = files.reduce((sum, { plainBytes }) => sum + plainBytes, SPARE);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= wanted) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  throw new SeakeepError(
    "SK-BACKUP-010",
    `${folder} has ${gigabytes(bavail * bsize)} free, and ${gigabytes(wanted)} are needed to unpack the backup.`,
  );
}

function noRoom(error: unknown, folder: string): SeakeepError | undefined {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== "ENOSPC") return undefined;
  return new SeakeepError("SK-BACKUP-010", `${folder} has no room left.`, { cause: error });
}
