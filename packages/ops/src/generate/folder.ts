import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { type GeneratedFile, isGenerated } from "./file.ts";

/** A generated file beside what is on disk. */
export interface Comparison {
  readonly path: string;
  /** `extra`: generated once, and no longer asked for. `foreign`: somebody else's file is in its place. */
  readonly state: "same" | "changed" | "missing" | "extra" | "foreign";
  /** What is asked for; empty for an extra file. */
  readonly wanted: string;
  /** What is there; empty for a missing file. */
  readonly found: string;
}

/** Compares what is asked for with what stands in a folder, and finds generated files that nothing asks for. */
export async function compare(folder: string, files: readonly GeneratedFile[]): Promise<Comparison[]> {
  const wanted = await Promise.all(
    files.map(async ({ path, content }): Promise<Comparison> => {
      const found = await readIfThere(join(folder, path));
      if (found === undefined) return { path, state: "missing", wanted: content, found: "" };
      const changed = isGenerated(found) ? "changed" : "foreign";
      return { path, state: found === content ? "same" : changed, wanted: content, found };
    }),
  );
  // Only the folders that are written into: `--out .` must not search a whole project.
  const folders = [...new Set(files.map(({ path }) => dirname(path)))].sort();
  const known = new Set(files.map(({ path }) => path));
  const extra: Comparison[] = [];
  for (const name of folders) {
    for (const path of await filesIn(folder, name)) {
      if (known.has(path)) continue;
      const found = (await readIfThere(join(folder, path))) ?? "";
      if (isGenerated(found)) extra.push({ path, state: "extra", wanted: "", found });
    }
  }
  return [...wanted, ...extra];
}

/** Puts one file in its place: whole or not at all, also when the power goes. */
export async function writeWhole(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content, { flag: "wx", flush: true });
    await rename(temporary, path);
  } catch (cause) {
    // Why it failed matters more than a leftover that cannot be removed either.
    await rm(temporary, { force: true }).catch(() => {});
    throw refused(path, cause);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw refused(path, cause);
  }
}

async function filesIn(root: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => `${folder}/${name}`)
      .sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw refused(join(root, folder), cause);
  }
}

function refused(path: string, cause: unknown): SeakeepError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SeakeepError("SK-GENERATE-003", `${path}: ${reason}`, { cause });
}
