import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { SeakeepError } from "@seakeep/contract";
import { refused } from "./format.ts";

/** What the system's own words leave open. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you may not read it",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of its path is no folder",
};

/**
 * Opens a dump that somebody names.
 *
 * @throws {SeakeepError} `SK-RESTORE-016` when it cannot be read, `-017` when it is a folder.
 */
export async function openDump(
  path: string,
): Promise<{ readonly handle: FileHandle; readonly bytes: number }> {
  // A pipe without a writer must not hold us up.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      const reason = REASONS[cause.code ?? ""] ?? cause.message;
      throw new SeakeepError("SK-RESTORE-016", `${path} cannot be opened: ${reason}.`, { cause });
    },
  );
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) {
      throw refused(
        `${path} is a folder, such as pg_dump --format=directory writes.`,
        "Name a file of `pg_dump --format=custom`; for a Seakeep store name the id, with --store.",
      );
    }
    if (!stats.isFile()) {
      throw new SeakeepError("SK-RESTORE-016", `${path} is a device or a pipe, and no regular file.`);
    }
    return { handle, bytes: stats.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
