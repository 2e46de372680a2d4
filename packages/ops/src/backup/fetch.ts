import { mkdtemp, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { readFile } from "./archive/read.ts";
import type { Identity } from "./archive/seal/keys.ts";
import type { Manifest } from "./manifest.ts";
import type { Store } from "./stores/store.ts";

export interface FetchOptions {
  readonly identities: readonly Identity[];
  /** Folder with room for the dump, unpacked. */
  readonly workFolder: string;
  readonly signal: AbortSignal;
  /** Hears how many stored bytes were read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** The files of a backup on this machine, whole and verified. */
export interface Fetched {
  /** Paths by their names in the dump. */
  readonly files: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** Bytes to leave free: a full disk hurts others too. */
const SPARE = 64 * 1024 * 1024;

/**
 * Reads a backup to files of its own that nobody else may read. They are there only once every byte was verified.
 *
 * @throws {Damage} when it is damaged; {SeakeepError} `SK-BACKUP-010` when there is no room, `-009`, `-012`.
 */
export async function fetchBackup(store: Store, manifest: Manifest, options: FetchOptions): Promise<Fetched> {
  await checkRoom(manifest, options.workFolder);
  const folder = await mkdtemp(join(options.workFolder, "seakeep-restore-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const files: Record<string, string> = {};
    const sealed = manifest.encryption !== undefined;
    const { identities, signal, onBytes } = options;
    for (const file of manifest.files) {
      const path = join(folder, file.name);
      const handle = await open(path, "wx", 0o600);
      try {
        const body = readFile(store, file, { sealed, identities, signal, onBytes });
        for await (const bytes of body) await handle.writeFile(bytes);
      } finally {
        await handle.close();
      }
      files[file.name] = path;
    }
    return { files, remove };
  } catch (error) {
    await remove();
    throw noRoom(error, options.workFolder) ?? error;
  }
}

async function checkRoom({ files }: Manifest, folder: string): Promise<void> {
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
