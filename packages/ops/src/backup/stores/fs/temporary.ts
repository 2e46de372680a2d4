import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "./failure.ts";

/** Begins with a dot, as no key does: a file that is being written can never be taken for an object. */
const NAME = /^\.seakeep-[0-9a-f]{16}\.tmp$/;

/** True for the name of a temporary file of ours. */
export function isTemporary(name: string): boolean {
  return NAME.test(name);
}

/** Opens a new file in the folder, readable by this user only. */
export async function openTemporary(folder: string): Promise<{ path: string; handle: FileHandle }> {
  const path = join(folder, `.seakeep-${randomBytes(8).toString("hex")}.tmp`);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return { path, handle: await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600) };
}

/** Removes a file; true when it was there. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}
