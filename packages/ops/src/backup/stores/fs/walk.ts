import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkPrefix, isKey } from "../keys.ts";
import type { StoredObject } from "../store.ts";
import { errnoOf } from "./failure.ts";
import { fileOf } from "./paths.ts";
import { isTemporary } from "./temporary.ts";

/** A file below the root: an object, or what an interrupted put left. */
export interface Found extends StoredObject {
  readonly path: string;
  readonly temporary: boolean;
}

/**
 * Every file under a prefix, objects in key order. Links, devices and foreign names are passed over; memory is that of
 * the names of the folders on one path.
 */
export async function* walk(root: string, prefix: string): AsyncGenerator<Found> {
  checkPrefix(prefix);
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const path = await fileOf(root, `${folder}x`);
  if (path !== undefined) yield* walkFolder(path.slice(0, -2) || "/", folder, prefix);
}

async function* walkFolder(path: string, folder: string, prefix: string): AsyncGenerator<Found> {
  const entries = await namesIn(path);
  for (const { name, isFolder } of entries) {
    const key = `${folder}${name}`;
    const temporary = !isFolder && isTemporary(name);
    if (!temporary && !(isKey(key) && mayHold(key, isFolder, prefix))) continue;
    const child = join(path, name);
    if (isFolder) yield* walkFolder(child, `${key}/`, prefix);
    else yield* fileAt(child, key, temporary);
  }
}

function mayHold(key: string, isFolder: boolean, prefix: string): boolean {
  return key.startsWith(prefix) || (isFolder && prefix.startsWith(`${key}/`));
}

/** Sorted as keys are: a folder by its name with the slash that follows it in keys. */
async function namesIn(path: string): Promise<{ name: string; isFolder: boolean }[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .map((entry) => ({ ...entry, sortedAs: entry.isFolder ? `${entry.name}/` : entry.name }))
      .sort((a, b) => (a.sortedAs < b.sortedAs ? -1 : 1));
  } catch (error) {
    // Removed meanwhile.
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function* fileAt(path: string, key: string, temporary: boolean): AsyncGenerator<Found> {
  const stat = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (stat?.isFile()) yield { key, path, temporary, bytes: stat.size, modified: stat.mtime };
}
