import { access, constants, realpath, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { BodyError } from "../body.ts";
import type { OpenOptions } from "../declaration.ts";
import { StoreError } from "../error.ts";
import { checkKey, checkPrefix } from "../keys.ts";
import type { Store, StoredObject } from "../store.ts";
import { errnoOf, failureOf } from "./failure.ts";
import { fileOf, makeRoot } from "./paths.ts";
import { putFile } from "./put.ts";
import { openFile, readFile } from "./read.ts";
import { openTemporary, removeFile } from "./temporary.ts";
import { walk } from "./walk.ts";

/** Opens the store in a folder. @throws {StoreError} when there is no such folder, or it may not be read. */
export async function openFsStore(path: string, { create = false }: OpenOptions = {}): Promise<Store> {
  const url = pathToFileURL(path).href;
  const root = await openRoot(path, create);
  /** Turns failed system calls into the store's own errors. */
  const telling = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof BodyError ? error.cause : failureOf(error, `${doing} in ${url}`);
    }
  };
  return {
    url,
    async put(key, body, options) {
      checkKey(key);
      return telling(`Writing ${key}`, () => putFile(root, key, body, options));
    },
    async *get(key, { signal } = {}) {
      checkKey(key);
      const handle = await telling(`Reading ${key}`, () => openFile(root, key));
      if (handle === undefined) throw new StoreError("missing", `${key} is not in ${url}.`);
      const chunks = readFile(handle, key, signal);
      try {
        for (;;) {
          const { done, value } = await telling(`Reading ${key}`, () => chunks.next());
          if (done) return;
          yield value;
        }
      } finally {
        await handle.close();
      }
    },
    async head(key) {
      checkKey(key);
      return telling(`Looking at ${key}`, () => statObject(root, key));
    },
    async *list(prefix) {
      checkPrefix(prefix);
      const found = walk(root, prefix);
      for (;;) {
        const { done, value } = await telling("Listing objects", () => found.next());
        if (done) return;
        if (!value.temporary) yield { key: value.key, bytes: value.bytes, modified: value.modified };
      }
    },
    async delete(key) {
      checkKey(key);
      await telling(`Deleting ${key}`, async () => {
        const file = await fileOf(root, key);
        if (file !== undefined) await removeFile(file);
      });
    },
    now: () => telling("Reading the clock", () => clockOf(root)),
    async sweep(prefix, before) {
      checkPrefix(prefix);
      return telling("Sweeping", () => sweepTemporaries(root, prefix, before));
    },
    async close() {},
  };
}

async function openRoot(path: string, create: boolean): Promise<string> {
  try {
    if (create) await makeRoot(path);
    const root = await realpath(path);
    if (!(await stat(root)).isDirectory()) throw new StoreError("invalid", `${path} is not a folder.`);
    await access(root, constants.R_OK | constants.X_OK | (create ? constants.W_OK : 0));
    return root;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw failureOf(error, `Opening the folder ${path}`);
    throw new StoreError("invalid", `The folder ${path} does not exist.`, {
      why: create
        ? "Neither does the folder above it; a disk may not be mounted."
        : "No backup was ever written there.",
      fix: `Check the path and that its disk is mounted, or make it: mkdir -p -m 700 '${path}'.`,
      cause: error,
    });
  }
}

async function statObject(root: string, key: string): Promise<StoredObject | undefined> {
  const handle = await openFile(root, key);
  if (handle === undefined) return undefined;
  try {
    const { size, mtime } = await handle.stat();
    return { key, bytes: size, modified: mtime };
  } finally {
    await handle.close();
  }
}

/** The clock that gives files their times: on a network file system that of the server. */
async function clockOf(root: string): Promise<Date> {
  const { path, handle } = await openTemporary(root);
  try {
    return (await handle.stat()).mtime;
  } finally {
    await handle.close();
    await removeFile(path);
  }
}

async function sweepTemporaries(root: string, prefix: string, before: Date): Promise<number> {
  let removed = 0;
  for await (const { path, temporary, modified } of walk(root, prefix)) {
    if (temporary && modified < before && (await removeFile(path))) removed++;
  }
  return removed;
}
