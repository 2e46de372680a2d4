import { SeakeepError } from "@seakeep/contract";
import type { Contents } from "../../manifest.ts";
import { byText } from "../../order.ts";
import type { Program } from "../../postgres/program.ts";
import { findPrograms, type Programs } from "../../postgres/programs.ts";
import type { Dump, DumpFile, DumpOptions, InspectOptions } from "../engine.ts";
import { type ArchiveContents, ArchiveReader } from "./archive/archive-reader.ts";
import { Once } from "./once.ts";
import { archiveReader, globalsReader, output, type Reader } from "./output.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";

/** Name of the archive among the files of a dump. */
export const ARCHIVE = "archive.dump";
const GLOBALS = "globals.sql";

/** Milliseconds to wait for a locked table: whoever queues behind the dump waits as long. */
const LOCK_TIMEOUT = 60_000;
/** The first major version that is supported. */
const OLDEST = 14;

/** Opens the snapshot. The programs start when their body is read, so that none waits with a connection open. */
export async function startDump(options: DumpOptions): Promise<RunningDump> {
  const { connection, signal, lockTimeout = LOCK_TIMEOUT } = options;
  signal?.throwIfAborted();
  const snapshot = await openSnapshot(connection, lockTimeout);
  try {
    const major = Math.floor(snapshot.database.version / 10_000);
    if (major < OLDEST) {
      const what = `The server is Postgres ${major}, and ${OLDEST} is the oldest that is supported.`;
      throw new SeakeepError("SK-POSTGRES-005", what);
    }
    const programs = await findPrograms(major, options.programs);
    signal?.throwIfAborted();
    return new RunningDump({ ...options, lockTimeout }, snapshot, programs);
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

/** Reads a database as a dump would, and keeps what it holds instead of its bytes. */
export async function inspect(options: InspectOptions): Promise<Contents> {
  const dump = await startDump(options);
  try {
    for await (const _ of dump.archive.body);
    return await dump.archiveContents();
  } finally {
    await dump.close();
  }
}

class RunningDump implements Dump {
  readonly database: Dump["database"];
  readonly snapshotAt: Date;
  readonly estimatedBytes: number;
  readonly archive: DumpFile;
  readonly files: readonly DumpFile[];
  readonly #options: DumpOptions;
  readonly #snapshot: Snapshot;
  readonly #programs: Programs;
  readonly #running = new Set<Program>();
  readonly #archive = new Once<ArchiveContents>();
  readonly #globals = new Once<void>();
  readonly #onAbort = () => void this.close();
  #closed = false;

  constructor(
    options: DumpOptions & { readonly lockTimeout: number },
    snapshot: Snapshot,
    programs: Programs,
  ) {
    this.database = snapshot.database;
    this.snapshotAt = snapshot.at;
    this.estimatedBytes = snapshot.estimatedBytes;
    this.#options = options;
    this.#snapshot = snapshot;
    this.#programs = programs;
    const reader = new ArchiveReader();
    const archive = this.#read(archiveReader(snapshot.name, options.lockTimeout), (bytes) =>
      reader.push(bytes),
    );
    this.archive = { name: ARCHIVE, body: this.#archive.settledBy(archive, () => reader.finish()) };
    const globals = this.#read(globalsReader(options.connection));
    this.files = [this.archive, { name: GLOBALS, body: this.#globals.settledBy(globals, () => {}) }];
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async contents(): Promise<Contents> {
    const [contents] = await Promise.all([this.archiveContents(), this.#globals.value]);
    return contents;
  }

  /** What the archive says of itself, with what only the database could say. */
  async archiveContents(): Promise<Contents> {
    const { tables, sequences, largeObjects, objects, owners } = await this.#archive.value;
    const { inventory } = this.#snapshot;
    const roles = [...new Set([...owners, ...inventory.roles])].sort(byText);
    return { tables, sequences, largeObjects, objects, ...inventory, roles };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const program of this.#running) program.stop();
    await Promise.all([...this.#running].map(({ ended }) => ended));
    await this.#snapshot.close();
    this.#archive.reject(this.#closedBy());
    this.#globals.reject(this.#closedBy());
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
