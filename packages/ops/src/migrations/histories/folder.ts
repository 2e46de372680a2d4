import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { SeakeepError } from "@seakeep/contract";

/** An entry of a folder of migrations. */
export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean;
}

/**
 * What a folder holds, in no order; names that begin with a dot are left out.
 *
 * @throws {SeakeepError} `SK-MIGRATIONS-001`.
 */
export async function listFolder(folder: string): Promise<readonly FolderEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  return entries
    .filter(({ name }) => !name.startsWith("."))
    .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
}

/**
 * A file's text, byte for byte: no byte order mark is taken off, for Postgres would be sent it too.
 *
 * @throws {SeakeepError} `SK-MIGRATIONS-001`; `-002` when it is not UTF-8.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SeakeepError("SK-MIGRATIONS-002", `${path} is not UTF-8.`, { cause });
  }
}

/** Reads files of one folder, in the order given. */
export async function readTexts(
  folder: string,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly file: string; readonly text: string }[]> {
  return await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      return { name, file, text: await readText(file) };
    }),
  );
}

/** A history with something in it that its tool would stumble over. */
export function malformed(path: string, what: string, fix?: string): SeakeepError {
  return new SeakeepError("SK-MIGRATIONS-002", `${path} ${what}`, fix === undefined ? {} : { fix });
}

/** Refuses two migrations of one name: the record of what was applied could not tell them apart. */
export function refuseTwins(folder: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw malformed(join(folder, name), "is there twice.");
    seen.add(name);
  }
}

/** Compares as most tools sort file names: code unit by code unit. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A file's name without its last extension. */
export const stem = (file: string): string => basename(file).replace(/\.[^.]+$/, "");

function unreadable(path: string, cause: unknown): SeakeepError {
  const { code = "an unknown fault" } = cause as NodeJS.ErrnoException;
  const reason = { ENOENT: "it is not there", EACCES: "access is denied", ENOTDIR: "it is no folder" }[code];
  return new SeakeepError("SK-MIGRATIONS-001", `${path} cannot be read: ${reason ?? code}.`, { cause });
}
