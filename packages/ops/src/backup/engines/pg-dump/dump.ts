import { SeakeepError } from "@seakeep/contract";
import { type CopySession, openCopySession } from "../../../postgres/copy.ts";
import type { Program } from "../../../postgres/program.ts";
import { findPrograms, type Programs } from "../../../postgres/programs.ts";
import type { Contents, TableContents } from "../../manifest.ts";
import { byText } from "../../order.ts";
import type { Dump, DumpFile, DumpOptions } from "../engine.ts";
import { type ArchiveContents, ArchiveReader } from "./archive/archive-reader.ts";
import { dealOut, type LargeTable, lockLargeTables } from "./large-tables.ts";
import { Once } from "./once.ts";
import { archiveReader, globalsReader, output, type Reader } from "./output.ts";
import { enterSnapshot, tableRows, withRows } from "./rows.ts";
import { beginFile, beginTable, endFile, endTable } from "./rows-file.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";

/** Name of the archive among the files of a dump: all of it, but for rows that files beside it hold. */
export const ARCHIVE = "archive.dump";
export const GLOBALS = "globals.sql";

/** Names of the files that hold rows of large tables. */
export function isRows(name: string): boolean {
  return /^rows-\d+\.sql$/.test(name);
}

function nameOfRows(index: number): string {
  return `rows-${String(index + 1).padStart(2, "0")}.sql`;
}

/** Milliseconds to wait for a locked table: whoever queues behind the dump waits as long. */
export const LOCK_TIMEOUT = 60_000;
/** The first major version that is supported. */
const OLDEST = 14;

/** Opens the snapshot. The programs start when their body is read, so that none waits with a connection open. */
export async function startDump(options: DumpOptions): Promise<Dump> {
  const { connection, signal, lockTimeout = LOCK_TIMEOUT, largeTable } = options;
  signal?.throwIfAborted();
  const snapshot = await openSnapshot(connection, lockTimeout);
  try {
    const programs = await programsFor(snapshot, options.programs);
    const tables = await lockLargeTables(snapshot, largeTable);
    signal?.throwIfAborted();
    return new RunningDump(options, { snapshot, programs, tables, lockTimeout });
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

/** pg_dump that can read this server. */
export function programsFor({ database }: Snapshot, folder: string | undefined): Promise<Programs> {
  const major = Math.floor(database.version / 10_000);
  if (major < OLDEST) {
    const what = `The server is Postgres ${major}, and ${OLDEST} is the oldest that is supported.`;
    throw new SeakeepError("SK-POSTGRES-005", what);
  }
  return findPrograms(major, folder);
}

/** What an archive says of itself, with what only the database could say. */
export function describe(
  { tables, sequences, largeObjects, objects, owners }: ArchiveContents,
  { inventory }: Snapshot,
): Contents {
  const roles = [...new Set([...owners, ...inventory.roles])].sort(byText);
  return { tables, sequences, largeObjects, objects, ...inventory, roles };
}

/** What a dump reads from. */
interface Source {
  readonly snapshot: Snapshot;
  readonly programs: Programs;
  /** Those whose rows go into files of their own. */
  readonly tables: readonly LargeTable[];
  readonly lockTimeout: number;
}

class RunningDump implements Dump {
  readonly database: Dump["database"];
  readonly snapshotAt: Date;
  readonly estimatedBytes: number;
  readonly files: readonly DumpFile[];
  readonly #options: DumpOptions;
  readonly #snapshot: Snapshot;
  readonly #programs: Programs;
  readonly #lockTimeout: number;
  readonly #running = new Set<Program>();
  readonly #reading = new Set<CopySession>();
  readonly #archive = new Once<ArchiveContents>();
  readonly #rows: readonly Once<readonly TableContents[]>[];
  readonly #globals = new Once<void>();
  readonly #onAbort = () => void this.close();
  #closed = false;

  constructor(options: DumpOptions, { snapshot, programs, tables, lockTimeout }: Source) {
    this.database = snapshot.database;
    this.snapshotAt = snapshot.at;
    this.estimatedBytes = snapshot.estimatedBytes;
    this.#options = options;
    this.#snapshot = snapshot;
    this.#programs = programs;
    this.#lockTimeout = lockTimeout;
    const reader = new ArchiveReader();
    const archive = this.#read(archiveReader(snapshot, lockTimeout, tables), (bytes) => reader.push(bytes));
    const hands = dealOut(tables);
    this.#rows = hands.map(() => new Once());
    const globals = this.#read(globalsReader(options.connection));
    // Programs first: later, when most is under way, each would come on top.
    this.files = [
      { name: ARCHIVE, body: this.#archive.settledBy(archive, () => reader.finish()) },
      { name: GLOBALS, body: this.#globals.settledBy(globals, () => {}) },
      ...hands.map((hand, index) => ({ name: nameOfRows(index), body: this.#readRows(hand, index) })),
    ];
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async contents(): Promise<Contents> {
    const archive = await this.#archive.value;
    const rows = await Promise.all(this.#rows.map(({ value }) => value));
    await this.#globals.value;
    return describe(withRows(archive, rows.flat()), this.#snapshot);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const program of this.#running) program.stop();
    await Promise.all([...this.#reading].map((session) => session.close()));
    await Promise.all([...this.#running].map(({ ended }) => ended));
    await this.#snapshot.close();
    for (const once of [this.#archive, ...this.#rows, this.#globals]) once.reject(this.#closedBy());
  }

  #readRows(tables: readonly LargeTable[], index: number): AsyncGenerator<Uint8Array, void> {
    const contents: TableContents[] = [];
    return this.#rows[index]!.settledBy(this.#rowsFile(tables, contents), () => contents);
  }

  async *#rowsFile(
    tables: readonly LargeTable[],
    contents: TableContents[],
  ): AsyncGenerator<Uint8Array, void> {
    if (this.#closed) throw this.#closedBy();
    let session: CopySession | undefined;
    try {
      session = await openCopySession(this.#options.connection);
      this.#reading.add(session);
      if (this.#closed) throw this.#closedBy();
      await enterSnapshot(session, this.#snapshot, this.#lockTimeout);
      const { encoding } = this.database;
      yield beginFile(encoding);
      for (const table of tables) {
        yield beginTable(table);
        contents.push(yield* tableRows(session, table, encoding));
        yield endTable;
      }
      yield endFile;
    } catch (error) {
      throw this.#closed ? this.#closedBy() : error;
    } finally {
      await session?.close();
      if (session !== undefined) this.#reading.delete(session);
    }
  }

  async *#read(reader: Reader, onBytes?: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array, void> {
    if (this.#closed) throw this.#closedBy();
    const { connection, onWarning } = this.#options;
    const onStart = (program: Program) => {
      this.#running.add(program);
      void program.ended.then(() => this.#running.delete(program));
    };
    try {
      for await (const bytes of output(reader, {
        programs: this.#programs,
        connection,
        onWarning,
        onStart,
      })) {
        onBytes?.(bytes);
        yield bytes;
      }
    } catch (error) {
      // A process that we ended ourselves says nothing worth telling.
      throw this.#closed ? this.#closedBy() : error;
    }
  }

  #closedBy(): unknown {
    const { signal } = this.#options;
    if (signal?.aborted) return signal.reason;
    return new SeakeepError("SK-DUMP-001", "The dump was closed before it was whole.");
  }
}
