import type { Connection } from "../../../postgres/connection.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import { byName } from "../../order.ts";
import type { ArchiveContents } from "./archive/archive-reader.ts";
import { dealOut, type LargeTable } from "./jobs.ts";
import { archiveReader, type Reader } from "./output.ts";
import type { Snapshot } from "./snapshot.ts";

/** Bytes from which a table is worth a process of its own. */
const LARGE = 32 * 1024 * 1024;

/** How to read a database by several processes at once. */
export interface SplitOptions {
  readonly connection: Connection;
  readonly lockTimeout: number;
  /** Processes at most. */
  readonly jobs: number;
}

/**
 * Readers of one snapshot: the first reads everything but the rows of the tables that the others take from it. A table is
 * never split.
 */
export async function splitReaders(
  snapshot: Snapshot,
  { connection, lockTimeout, jobs }: SplitOptions,
): Promise<[Reader, ...Reader[]]> {
  const large = jobs > 1 ? await largeTables(snapshot, connection) : [];
  const rest = snapshot.estimatedBytes - large.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = dealOut(large, rest, jobs);
  const reader = (more: readonly string[]) => archiveReader(snapshot.name, lockTimeout, more);
  return [
    reader(parts.flat().map((pattern) => `--exclude-table-data=${pattern}`)),
    ...parts.map((patterns) =>
      reader(["--data-only", "--strict-names", ...patterns.map((pattern) => `--table=${pattern}`)]),
    ),
  ];
}

/** What all readers found together. The others also tell of the sequences of their tables, a moment later: not asked. */
export function mergeContents([whole, ...others]: readonly ArchiveContents[]): ArchiveContents {
  const tables = [whole!, ...others].flatMap((archive) => archive.tables).sort(byName);
  return { ...whole!, tables };
}

/**
 * Not those of extensions, which pg_dump treats in a way of its own, nor names whose bytes on a command line are not those
 * in the database. Within double quotes a pattern of pg_dump is the name and nothing else.
 */
async function largeTables({ session, database }: Snapshot, { settings }: Connection): Promise<LargeTable[]> {
  const isPlain = database.encoding === "UTF8" && settings.PGCLIENTENCODING === undefined;
  const rows = await session.query<{ schema: string; name: string; bytes: string }>(
    `select schema, name, bytes::text from (
       select n.nspname::text as schema, c.relname::text as name,
         pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) as bytes
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_|^information_schema$'
         and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
           and d.deptype = 'e')) tables
     where bytes >= $1 and ($2 or schema || name ~ '^[ -~]+$')`,
    [LARGE, isPlain],
  );
  return rows.map(({ schema, name, bytes }) => ({
    pattern: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    bytes: Number(bytes),
  }));
}
