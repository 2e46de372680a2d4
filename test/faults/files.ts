import { readdir, readFile, stat, utimes } from "node:fs/promises";
import { join, relative } from "node:path";

/** Every file below a folder, by its path from there, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Makes a file look as if it were written so many milliseconds earlier. */
export async function age(path: string, by: number): Promise<void> {
  const then = new Date((await stat(path)).mtimeMs - by);
  await utimes(path, then, then);
}

/** The files below a folder that hold a text, as bytes. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const path of await filesBelow(folder)) {
    const bytes = await readFile(join(folder, path)).catch(() => Buffer.alloc(0));
    if (bytes.includes(text)) found.push(path);
  }
  return found;
}
