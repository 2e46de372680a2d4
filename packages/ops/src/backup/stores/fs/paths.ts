import { lstat, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StoreError } from "../error.ts";
import { errnoOf } from "./failure.ts";

/** What `lstat` says, or `undefined` when there is nothing. */
async function look(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * The file of a key below the root, after a look at every folder on the way: a link there could lead anywhere, so it is
 * refused. `undefined` when a folder is missing. The file itself must then be opened with `O_NOFOLLOW`.
 */
export async function fileOf(root: string, key: string): Promise<string | undefined> {
  let path = root;
  for (const segment of key.split("/").slice(0, -1)) {
    path = join(path, segment);
    const found = await look(path);
    if (found === undefined) return undefined;
    if (!found.isDirectory()) throw notAFolder(path);
  }
  return join(root, key);
}

/** As {@link fileOf}, but makes the missing folders, durably and for this user only. */
export async function makeFileOf(root: string, key: string): Promise<string> {
  let path = root;
  for (const segment of key.split("/").slice(0, -1)) {
    const parent = path;
    path = join(path, segment);
    if ((await look(path)) === undefined) await makeFolder(path, parent);
    // Looked at again: somebody else may have put something there in between.
    if (!(await look(path))?.isDirectory()) throw notAFolder(path);
  }
  return join(root, key);
}

async function makeFolder(path: string, parent: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncFolder(parent);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}

/** Makes the names in a folder durable: without it a power cut forgets a file that was itself written to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some network and FUSE file systems know no fsync of folders, and say so.
    if (!["EINVAL", "ENOTSUP", "EBADF"].includes(errnoOf(error) ?? "")) throw error;
  } finally {
    await handle.close();
  }
}

/** Makes the root when the folder above it exists: a mount that is missing must not be made up. */
export async function makeRoot(path: string): Promise<void> {
  if ((await look(path)) === undefined) await makeFolder(path, dirname(path));
}

function notAFolder(path: string): StoreError {
  return new StoreError("invalid", `${path} is a link or no folder, where a store has a folder.`, {
    why: "A store follows no links: they could lead out of it.",
    fix: "Find out who put it there, and remove it.",
  });
}
