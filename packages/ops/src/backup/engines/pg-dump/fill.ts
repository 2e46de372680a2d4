import { atOnce } from "../../../system/at-once.ts";
import type { TableContents } from "../../manifest.ts";
import type { ArchiveEntry } from "./archive/contents-table.ts";
import { loadRows, readLoaded } from "./load-rows.ts";
import { LoadedTables } from "./loaded-tables.ts";
import { forLoading, type PgRestoreOptions, pgRestore } from "./pg-restore.ts";

/** An archive, and what it says before its data. */
export interface Archive {
  readonly path: string;
  readonly entries: readonly ArchiveEntry[];
}

/** Begins to read a file of rows. */
export type ReadFile = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

/**
 * Fills an empty database with all of an archive, and with the rows that files beside it hold.
 *
 * @returns what the tables of these files hold, read back
 */
export async function fill(
  archive: Archive,
  files: readonly ReadFile[],
  options: PgRestoreOptions,
): Promise<readonly TableContents[]> {
  if (files.length === 0) {
    // pg_restore of everything at once makes the index of one table while it loads another.
    await pgRestore(archive.path, undefined, options);
    return [];
  }
  const before = entriesBeforeData(archive.entries);
  await pgRestore(archive.path, [...before], { ...options, jobs: 1 });
  const loaded = new LoadedTables();
  const read: TableContents[] = [];
  const build = async (signal: AbortSignal) => {
    await loadAll(archive, files, loaded, { ...options, signal });
    const after = archive.entries.filter((entry) => !before.has(entry) && entry.section !== "data");
    await pgRestore(archive.path, after, { ...options, signal });
  };
  // Loading and making indexes come first: reading back takes what they leave of the processors, which is most at their ends.
  const readBack = async (signal: AbortSignal) => {
    const readers = Array.from({ length: Math.max(1, Math.floor(options.jobs / 2)) }, (_, index) => index);
    await atOnce(readers, readers.length, signal, async (_, stopped) => {
      read.push(...(await readLoaded(options.connection, loaded.tables(stopped), stopped)));
    });
  };
  await atOnce([build, readBack], 2, options.signal, (step, signal) => step(signal));
  return read;
}

async function loadAll(
  archive: Archive,
  files: readonly ReadFile[],
  loaded: LoadedTables,
  options: PgRestoreOptions,
): Promise<void> {
  const { connection, jobs, signal } = options;
  const load = files.map((file) => async (stopped: AbortSignal) => {
    await loadRows(forLoading(connection), file(stopped), stopped, (table) => loaded.add(table));
  });
  const data = archive.entries.filter(({ section }) => section === "data");
  const rest = (stopped: AbortSignal) =>
    pgRestore(archive.path, data, { ...options, jobs: 1, signal: stopped });
  const steps = data.length > 0 ? [...load, rest] : load;
  let left = steps.length;
  await atOnce(steps, jobs, signal, async (step, stopped) => {
    await step(stopped);
    left--;
    // One of the workers has nothing left to do.
    if (left < jobs) loaded.begin();
  });
  loaded.end();
}

/** What comes before the rows. Privileges do not: who restores may not be allowed to write where an owner may not. */
function entriesBeforeData(entries: readonly ArchiveEntry[]): ReadonlySet<ArchiveEntry> {
  const before = new Set<ArchiveEntry>();
  let section: ArchiveEntry["section"] = "pre-data";
  for (const entry of entries) {
    if (entry.section !== "none") section = entry.section;
    if (section === "pre-data" && entry.kind !== "ACL") before.add(entry);
  }
  return before;
}
