import { createReadStream } from "node:fs";
import { SeakeepError } from "@seakeep/contract";
import { ArchiveReader } from "./archive/archive-reader.ts";
import type { ArchiveEntry, ArchiveHeader } from "./archive/contents-table.ts";

/** What an archive says before its data. */
export interface TableOfContents {
  readonly header: ArchiveHeader;
  readonly entries: readonly ArchiveEntry[];
}

/** The kinds whose statements a restore looks into itself; of others only owner and name matter. */
const LOOKED_INTO: ReadonlySet<string> = new Set([
  "ACL",
  "COMMENT",
  "DATABASE",
  "DATABASE PROPERTIES",
  "DEFAULT ACL",
  "POLICY",
]);

/** Reads the table of contents of an archive on this machine, and no further. */
export async function readTableOfContents(path: string): Promise<TableOfContents> {
  const entries: ArchiveEntry[] = [];
  const reader = new ArchiveReader((entry) =>
    entries.push(LOOKED_INTO.has(entry.kind) ? entry : { ...entry, definition: "" }),
  );
  const file = createReadStream(path);
  try {
    for await (const bytes of file) {
      reader.push(bytes as Buffer);
      if (reader.indexed) return { header: reader.header!, entries };
    }
  } catch (error) {
    if (error instanceof SeakeepError) throw error;
    throw new SeakeepError("SK-DUMP-002", `The dump ${path} could not be read.`, { cause: error });
  }
  throw new SeakeepError("SK-DUMP-002", `The dump ${path} ends within its table of contents.`);
}

/** The major version in a version text such as `15.18 (Debian 15.18-0+deb12u1)`. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
