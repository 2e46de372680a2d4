import { withCopySession } from "../../../postgres/copy.ts";
import type { Program } from "../../../postgres/program.ts";
import { atOnce } from "../../../system/at-once.ts";
import type { Contents, TableContents } from "../../manifest.ts";
import type { InspectOptions } from "../engine.ts";
import { type ArchiveContents, ArchiveReader } from "./archive/archive-reader.ts";
import { describe, LOCK_TIMEOUT, programsFor } from "./dump.ts";
import { defaultJobs } from "./jobs.ts";
import { type LargeTable, lockLargeTables } from "./large-tables.ts";
import { archiveReader, type OutputOptions, output, type Reader } from "./output.ts";
import { enterSnapshot, readTable, withRows } from "./rows.ts";
import { nameOf } from "./rows-file.ts";
import { openSnapshot } from "./snapshot.ts";

/** The rows of one table, or everything else. */
type Task = LargeTable | "archive";

/**
 * Reads a database as a dump would, and keeps what it holds instead of its bytes. Several connections read the large
 * tables at once, all in one snapshot.
 */
export async function inspect(options: InspectOptions): Promise<Contents> {
  const { connection, signal, onWarning, jobs = defaultJobs(), read = [] } = options;
  signal?.throwIfAborted();
  const snapshot = await openSnapshot(connection, LOCK_TIMEOUT);
  try {
    const programs = await programsFor(snapshot, options.programs);
    const known = new Set(read.map(nameOf));
    const tables = (await lockLargeTables(snapshot)).filter((table) => !known.has(nameOf(table)));
    let archive: ArchiveContents | undefined;
    const rows: TableContents[] = [];
    const { encoding } = snapshot.database;
    await atOnce<Task>([...tables, "archive"], jobs, signal, async (task, stopped) => {
      if (task === "archive") {
        const reader = archiveReader(snapshot, LOCK_TIMEOUT, [...tables, ...read]);
        archive = await readArchive(reader, { programs, connection, onWarning }, stopped);
        return;
      }
      await withCopySession(connection, stopped, async (session) => {
        await enterSnapshot(session, snapshot, LOCK_TIMEOUT);
        rows.push(await readTable(session, task, encoding));
      });
    });
    return describe(withRows(archive!, [...read, ...rows]), snapshot);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await snapshot.close();
  }
}

async function readArchive(
  reader: Reader,
  options: Omit<OutputOptions, "onStart">,
  signal: AbortSignal,
): Promise<ArchiveContents> {
  const archive = new ArchiveReader();
  let program: Program | undefined;
  const abort = () => program?.stop();
  const onStart = (started: Program) => {
    program = started;
    if (signal.aborted) abort();
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    for await (const bytes of output(reader, { ...options, onStart })) archive.push(bytes);
    return archive.finish();
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
