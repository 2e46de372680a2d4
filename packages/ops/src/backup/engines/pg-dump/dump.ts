import { SeakeepError } from "@seakeep/contract";
import type { Program } from "../../../postgres/program.ts";
import { findPrograms, type Programs } from "../../../postgres/programs.ts";
import type { Contents } from "../../manifest.ts";
import { byText } from "../../order.ts";
import type { Dump, DumpFile, DumpOptions } from "../engine.ts";
import { type ArchiveContents, ArchiveReader } from "./archive/archive-reader.ts";
import { Once } from "./once.ts";
import { globalsReader, output, type Reader } from "./output.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";
import { mergeContents, splitReaders, warningsOf } from "./split.ts";

/** Name of the archive among the files of a dump: all of it, or what no file of rows has. */
export const ARCHIVE = "archive.dump";
const GLOBALS = "globals.sql";

/** Names of the files that hold rows of some tables and nothing else, in a dump of several jobs. */
export function isRows(name: string): boolean {
  return /^data-\d+\.dump$/.test(name);
}

function nameOf(index: number): string {
  return index === 0 ? ARCHIVE : `data-${String(index).padStart(2, "0")}.dump`;
}

/** Milliseconds to wait for a locked table: whoever queues behind the dump waits as long. */
export const LOCK_TIMEOUT = 60_000;
/** The first major version that is supported. */
const OLDEST = 14;

/** Opens the snapshot. The programs start when their body is read, so that none waits with a connection open. */
export async function startDump(options: DumpOptions): Promise<Dump> {
  const { connection, signal, lockTimeout = LOCK_TIMEOUT, jobs = 1 } = options;
  signal?.throwIfAborted();
  const snapshot = await openSnapshot(connection, lockTimeout);
  try {
    const programs = await programsFor(snapshot, options.programs);
    const archives = await splitReaders(snapshot, { lockTimeout, jobs });
    signal?.throwIfAborted();
    return new RunningDump(options, snapshot, programs, archives);
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

class RunningDump implements Dump {
  readonly database: Dump["database"];
  readonly snapshotAt: Date;
  readonly estimatedBytes: number;
  readonly files: readonly DumpFile[];
  readonly #options: DumpOptions;
  readonly #snapshot: Snapshot;
  readonly #programs: Programs;
  readonly #running = new Set<Program>();
  readonly #archives: readonly Once<ArchiveContents>[];
  readonly #globals = new Once<void>();
  readonly #onAbort = () => void this.close();
  #closed = false;

  constructor(options: DumpOptions, snapshot: Snapshot, programs: Programs, archives: readonly Reader[]) {
    this.database = snapshot.database;
    this.snapshotAt = snapshot.at;
    this.estimatedBytes = snapshot.estimatedBytes;
    this.#options = options;
    this.#snapshot = snapshot;
    this.#programs = programs;
    this.#archives = archives.map(() => new Once());
    const globals = this.#read(globalsReader(options.connection), options.onWarning);
    this.files = [
      ...archives.map((reader, index) => ({ name: nameOf(index), body: this.#archive(reader, index) })),
      { name: GLOBALS, body: this.#globals.settledBy(globals, () => {}) },
    ];
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async contents(): Promise<Contents> {
    const archives = await Promise.all(this.#archives.map(({ value }) => value));
    await this.#globals.value;
    return describe(mergeContents(archives), this.#snapshot);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const program of this.#running) program.stop();
    await Promise.all([...this.#running].map(({ ended }) => ended));
    await this.#snapshot.close();
    for (const once of [...this.#archives, this.#globals]) once.reject(this.#closedBy());
  }

  #archive(reader: Reader, index: number): AsyncGenerator<Uint8Array, void> {
    const archive = new ArchiveReader();
    const warn = warningsOf(index, this.#options.onWarning);
    const body = this.#read(reader, warn, (bytes) => archive.push(bytes));
    return this.#archives[index]!.settledBy(body, () => archive.finish());
  }

  async *#read(
    reader: Reader,
    onWarning: DumpOptions["onWarning"],
    onBytes?: (bytes: Uint8Array) => void,
  ): AsyncGenerator<Uint8Array, void> {
    if (this.#closed) throw this.#closedBy();
    const { connection } = this.#options;
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
