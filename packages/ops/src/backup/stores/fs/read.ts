import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { StoreError } from "../error.ts";
import { errnoOf } from "./failure.ts";
import { fileOf } from "./paths.ts";

const CHUNK = 256 * 1024;

/**
 * Opens the file of a key, never a link, a folder or a pipe; `undefined` when there is none.
 */
export async function openFile(root: string, key: string): Promise<FileHandle | undefined> {
  const path = await fileOf(root, key);
  if (path === undefined) return undefined;
  // Without O_NONBLOCK a pipe that somebody put there would be waited for, for ever.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  const stat = await handle.stat();
  if (stat.isFile()) return handle;
  await handle.close();
  throw new StoreError("invalid", `${key} is not a file.`, {
    why: "A store holds files and folders, nothing else.",
    fix: "Find out who put it there, and remove it.",
  });
}

/** The bytes that the file has when it is opened; an error when fewer come. */
export async function* readFile(
  handle: FileHandle,
  key: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { size } = await handle.stat();
  for (let position = 0; position < size; ) {
    signal?.throwIfAborted();
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, size - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) {
      const what = `${key} ended after ${position} of ${size} bytes.`;
      throw new StoreError("unavailable", what, { why: "It was cut short while it was read." });
    }
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
