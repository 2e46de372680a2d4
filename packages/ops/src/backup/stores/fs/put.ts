import { type FileHandle, link, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { interruptible } from "../body.ts";
import { StoreError } from "../error.ts";
import type { PutOptions, StoredObject } from "../store.ts";
import { errnoOf } from "./failure.ts";
import { makeFileOf, syncFolder } from "./paths.ts";
import { openTemporary, removeFile } from "./temporary.ts";

/**
 * Writes a temporary file beside the object's place, makes it durable, and gives it the name in one step: by rename,
 * or by hard link where an existing object must win.
 */
export async function putFile(
  root: string,
  key: string,
  body: AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<StoredObject> {
  const file = await makeFileOf(root, key);
  const folder = dirname(file);
  const { path: temporary, handle } = await openTemporary(folder);
  try {
    const written = await writeAll(handle, body, options.signal).finally(() => handle.close());
    await (options.ifAbsent ? linkNew(temporary, file, key) : rename(temporary, file));
    await syncFolder(folder);
    return { key, ...written };
  } finally {
    // After a rename there is nothing left under this name.
    await removeFile(temporary).catch(() => {});
  }
}

async function writeAll(
  handle: FileHandle,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<{ bytes: number; modified: Date }> {
  let bytes = 0;
  for await (const chunk of interruptible(body, signal)) {
    // A nearly full disk takes a part of a chunk, and refuses the rest.
    for (let from = 0; from < chunk.byteLength; ) {
      const { bytesWritten } = await handle.write(chunk, from);
      from += bytesWritten;
    }
    bytes += chunk.byteLength;
  }
  await handle.sync();
  const { size, mtime } = await handle.stat();
  if (size === bytes) return { bytes, modified: mtime };
  const what = `A file of ${bytes} bytes has ${size} after it was written.`;
  throw new StoreError("unavailable", what, {
    why: "Another process wrote to it, or the file system lost data.",
  });
}

async function linkNew(temporary: string, file: string, key: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "EEXIST") throw new StoreError("conflict", `${key} exists already.`, { cause: error });
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    throw new StoreError("invalid", `${key} could not be written only if absent.`, {
      why: `This file system has no hard links (${code}), and nothing else keeps two runs apart safely.`,
      fix: "Use a folder on ext4, XFS, Btrfs, ZFS, APFS or NFS, or an S3 store.",
      cause: error,
    });
  }
}
