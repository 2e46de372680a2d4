import { differences } from "../differences.ts";
import type { ArchiveContents } from "../engines/pg-dump/archive/archive-reader.ts";
import type { Contents } from "../manifest.ts";

/**
 * How a restored database differs from the archive that it was made from, in words.
 *
 * An archive says less than a manifest: of extensions only the names, of migrations nothing. And it may have been made
 * to hold less than the database had: a table or sequence that came without its data is to be empty.
 */
export function archiveDifferences(archive: ArchiveContents, restored: Contents): string[] {
  const { tables, sequences, largeObjects, objects, extensions, owners } = archive;
  const dumped: Contents = {
    tables: [...tables, ...missingFrom(tables, restored.tables).filter(({ rows }) => rows === 0)],
    sequences: [...sequences, ...missingFrom(sequences, restored.sequences).filter(({ called }) => !called)],
    ...{ largeObjects, objects, roles: owners },
    extensions: extensions.map((name) => ({ name, version: "" })),
    ...(restored.migration && { migration: restored.migration }),
  };
  return differences(dumped, restored);
}

interface Named {
  readonly schema: string;
  readonly name: string;
}

function missingFrom<T extends Named>(dumped: readonly Named[], restored: readonly T[]): T[] {
  const key = ({ schema, name }: Named) => JSON.stringify([schema, name]);
  const known = new Set(dumped.map(key));
  return restored.filter((entry) => !known.has(key(entry)));
}
