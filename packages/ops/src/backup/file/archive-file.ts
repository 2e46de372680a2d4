import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { statfs } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { Damage } from "../archive/damage.ts";
import { type ArchiveContents, ArchiveReader } from "../engines/pg-dump/archive/archive-reader.ts";
import type { ArchiveEntry } from "../engines/pg-dump/archive/contents-table.ts";
import { ARCHIVE } from "../engines/pg-dump/dump.ts";
import { parseId } from "../id.ts";
import { openPrivateFile, type PrivateFile } from "../private-file.ts";
import { countsOf, type Source } from "../restore.ts";
import { archiveDifferences } from "./archive-differences.ts";
import { type ArchiveCompression, refused } from "./format.ts";
import { openDump } from "./open.ts";
import { uncompressed } from "./uncompressed.ts";

/** A dump in a file, read whole and found whole, ready to be restored. */
export interface ArchiveFile {
  readonly source: Source;
  readonly compression: ArchiveCompression;
  /** Of the file, hex. */
  readonly sha256: string;
  /** Of the file. */
  readonly bytes: number;
  /** Safe more than once. */
  close(): void;
}

export interface ArchiveFileOptions {
  /** Folder with room for the dump, unpacked. */
  readonly workFolder: string;
  readonly signal: AbortSignal;
  /** Hears how many bytes of the file were read, and how many it has. */
  readonly onBytes?: (bytes: number, of: number) => void;
}

/** Bytes to leave free: a full disk hurts others too. */
const SPARE = 64 * 1024 * 1024;

/**
 * What a file is called where a backup has its id: by its content, so that a swap finds its names again without a
 * record.
 */
function idOf(sha256: string): string {
  return `f${sha256.slice(0, 12)}`;
}

/**
 * The id of a file, which need not be a dump.
 *
 * @throws {SeakeepError} `SK-RESTORE-016` and `-017`.
 */
export async function readFileId(path: string, signal: AbortSignal): Promise<string> {
  const { handle } = await openDump(path);
  const hash = createHash("sha256");
  for await (const bytes of stream(handle, signal)) hash.update(bytes);
  return idOf(hash.digest("hex"));
}

/**
 * Reads an archive in pg_dump's custom format to a file of its own, unpacked. What is restored are the bytes that were
 * read, whatever becomes of the file meanwhile.
 *
 * There is no manifest: that the file is whole, and how many rows it holds, is all that it can tell of itself. In rows
 * that pg_dump compressed with gzip a changed bit shows; in others it does not.
 *
 * @throws {Damage} when it is cut short or cannot be what pg_dump wrote.
 * @throws {SeakeepError} `SK-RESTORE-016` and `-017`; `SK-BACKUP-010` when there is no room.
 */
export async function readArchiveFile(path: string, options: ArchiveFileOptions): Promise<ArchiveFile> {
  const { workFolder, signal, onBytes } = options;
  const { handle, bytes: size } = await openDump(path);
  let copy: PrivateFile | undefined;
  try {
    await checkRoom(size, workFolder);
    const file = openPrivateFile(workFolder, ARCHIVE);
    copy = file;
    const hash = createHash("sha256");
    let bytes = 0;
    const read = (async function* () {
      for await (const part of stream(handle, signal)) {
        hash.update(part);
        bytes += part.length;
        onBytes?.(part.length, size);
        yield part;
      }
    })();
    const reader = new ArchiveReader(refuseInserts);
    const { compression, body } = await uncompressed(read, signal);
    for await (const part of body) {
      reader.push(part);
      await file.write(part);
    }
    const contents = reader.finish();
    const sha256 = hash.digest("hex");
    const close = () => file.remove();
    return { source: sourceOf(contents, idOf(sha256), file), compression, sha256, bytes, close };
  } catch (error) {
    copy?.remove();
    signal.throwIfAborted();
    throw meaning(error, path, workFolder);
  } finally {
    await handle.close();
  }
}

function stream(handle: FileHandle, signal: AbortSignal): AsyncIterable<Buffer> {
  return createReadStream("", { fd: handle, autoClose: true, highWaterMark: 1024 * 1024, signal });
}

function sourceOf(contents: ArchiveContents, id: string, copy: PrivateFile): Source {
  return {
    id,
    // It was fetched when it was read, and stays until the archive file is closed.
    fetch: async () => ({
      names: [ARCHIVE],
      path: () => copy.path,
      read: () => createReadStream(copy.path),
      damage: async () => undefined,
      remove: async () => {},
    }),
    differences: (restored) => archiveDifferences(contents, restored),
    ...countsOf(contents),
  };
}

function refuseInserts({ hasData, kind, copied }: ArchiveEntry): void {
  if (!hasData || kind !== "TABLE DATA" || copied) return;
  throw refused(
    "Its rows are INSERT statements, which cannot be counted or compared.",
    "Dump again without --inserts, --column-inserts and --rows-per-insert.",
  );
}

async function checkRoom(bytes: number, folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder).catch((cause: Error) => {
    const what = `The work folder cannot be used: ${cause.message}.`;
    throw new SeakeepError("SK-BACKUP-007", what, { fix: "Name one that may be written, with --work-dir." });
  });
  if (bavail * bsize < bytes + SPARE) throw noRoom(folder);
}

function noRoom(folder: string, cause?: unknown): SeakeepError {
  return new SeakeepError("SK-BACKUP-010", `${folder} has no room for the dump, unpacked.`, { cause });
}

function meaning(error: unknown, path: string, folder: string): unknown {
  const { code, what = "" } = error as { readonly code?: string; readonly what?: string };
  const backup = parseId(basename(dirname(path)));
  if (code === "SK-RESTORE-017" && backup !== undefined) {
    // store/service/backups/id/file
    const store = resolve(path, "../../../..");
    return refused(
      what,
      `Restore the backup by its id: seakeep restore ${backup.id} --store file://${store}`,
    );
  }
  if (code === "ENOSPC") return noRoom(folder, error);
  if (code === "EACCES" || code === "EROFS") {
    const fix = "Name a folder that may be written, with --work-dir.";
    const said = (error as Error).message;
    return new SeakeepError("SK-BACKUP-007", `The work folder cannot be used: ${said}.`, {
      fix,
      cause: error,
    });
  }
  return code === "SK-DUMP-002" ? new Damage(what) : error;
}
