import type { Program } from "../../../postgres/program.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { Contents } from "../../manifest.ts";
import { byName } from "../../order.ts";
import type { InspectOptions } from "../engine.ts";
import { type ArchiveContents, ArchiveReader } from "./archive/archive-reader.ts";
import { describe, LOCK_TIMEOUT, programsFor } from "./dump.ts";
import { dealOut, defaultJobs, type LargeTable } from "./jobs.ts";
import { archiveReader, output, type Reader } from "./output.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";

/** Bytes from which a table is worth a process of its own. */
const LARGE = 32 * 1024 * 1024;

/**
 * Reads a database as a dump would, and keeps what it holds instead of its bytes. Several processes read the large
 * tables at once, all in one snapshot.
 */
export async function inspect(options: InspectOptions): Promise<Contents> {
  const { connection, signal, onWarning, jobs = defaultJobs() } = options;
  signal?.throwIfAborted();
  const snapshot = await openSnapshot(connection, LOCK_TIMEOUT);
  const running = new Set<Program>();
  let stopped = false;
  const stop = () => {
    stopped = true;
    for (const program of running) program.stop();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const programs = await programsFor(snapshot, options.programs);
    const onStart = (program: Program) => {
      running.add(program);
      if (stopped) program.stop();
    };
    const read = async (reader: Reader, index: number): Promise<ArchiveContents> => {
      const archive = new ArchiveReader();
      // The others warn of what only matters to who restores a few tables alone.
      const warn = index === 0 ? onWarning : undefined;
      const body = output(reader, { programs, connection, onWarning: warn, onStart });
      for await (const bytes of body) archive.push(bytes);
      return archive.finish();
    };
    const reading = (await readers(snapshot, jobs)).map(read);
    const [whole, ...parts] = await Promise.all(reading).catch(async (error: unknown) => {
      // One that fails ends the others.
      stop();
      await Promise.allSettled(reading);
      throw error;
    });
    const tables = [whole!, ...parts].flatMap((archive) => archive.tables).sort(byName);
    return describe({ ...whole!, tables }, snapshot);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await snapshot.close();
  }
}

/** The first reads everything but what the others take from it. */
async function readers(snapshot: Snapshot, jobs: number): Promise<Reader[]> {
  const large = await largeTables(snapshot);
  const rest = snapshot.estimatedBytes - large.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = dealOut(large, rest, jobs);
  const reader = (more: readonly string[]) => archiveReader(snapshot.name, LOCK_TIMEOUT, more);
  return [
    reader(parts.flat().map((pattern) => `--exclude-table-data=${pattern}`)),
    ...parts.map((patterns) => reader(["--data-only", ...patterns.map((pattern) => `--table=${pattern}`)])),
  ];
}

/** Not those of extensions, which pg_dump treats in a way of its own, nor names whose bytes depend on an encoding. */
async function largeTables({ session }: Snapshot): Promise<LargeTable[]> {
  const rows = await session.query<{ schema: string; name: string; bytes: string }>(
    `select schema, name, bytes::text from (
       select n.nspname::text as schema, c.relname::text as name,
         pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) as bytes
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_|^information_schema$'
         and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
           and d.deptype = 'e')) tables
     where bytes >= $1 and schema || name ~ '^[ -~]+$'`,
    [LARGE],
  );
  return rows.map(({ schema, name, bytes }) => ({
    pattern: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    bytes: Number(bytes),
  }));
}
