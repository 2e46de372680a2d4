import { SeakeepError } from "@seakeep/contract";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import { byName } from "../../order.ts";
import type { ArchiveContents } from "./archive/archive-reader.ts";
import { dealOut, type LargeTable } from "./jobs.ts";
import { archiveReader, type Reader } from "./output.ts";
import type { Snapshot } from "./snapshot.ts";

/** Bytes from which a table is worth a process of its own. */
const LARGE = 32 * 1024 * 1024;
/** Tables that are dealt out at most, so that no command line outgrows what a system takes. */
const MOST = 1000;

/** How to read a database by several processes at once. */
export interface SplitOptions {
  readonly lockTimeout: number;
  /** Processes at most. */
  readonly jobs: number;
}

/**
 * Readers of one snapshot: the first reads everything but the rows of the tables that the others take from it. A table is
 * never split.
 *
 * The snapshot's own session locks these tables until it is closed, as pg_dump does those that it reads: a TRUNCATE that
 * slipped in between two readers would leave a later one a table that is empty, whatever the snapshot says.
 *
 * @throws {SeakeepError} `SK-DUMP-003` when one of them stays locked by somebody else.
 */
export async function splitReaders(
  snapshot: Snapshot,
  { lockTimeout, jobs }: SplitOptions,
): Promise<[Reader, ...Reader[]]> {
  const large = jobs > 1 ? await largeTables(snapshot) : [];
  const rest = snapshot.estimatedBytes - large.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = dealOut(large, rest, jobs);
  for (const table of parts.flat())
    await snapshot.session.query(`lock table only ${table} in access share mode`);
  const reader = (more: readonly string[]) => archiveReader(snapshot, lockTimeout, more);
  return [
    reader(parts.flat().map((pattern) => `--exclude-table-data=${pattern}`)),
    ...parts.map((patterns) =>
      reader(["--data-only", "--strict-names", ...patterns.map((pattern) => `--table=${pattern}`)]),
    ),
  ];
}

/** Only those of the first: the others warn of what only matters to who restores a few tables alone. */
export function warningsOf<Warn>(reader: number, onWarning: Warn | undefined): Warn | undefined {
  return reader === 0 ? onWarning : undefined;
}

/**
 * What all readers found together. The others also tell of the sequences of their tables, a moment later: not asked.
 *
 * @throws {SeakeepError} `SK-DUMP-002` when two of them read the same table: a restore would double its rows.
 */
export function mergeContents([whole, ...others]: readonly ArchiveContents[]): ArchiveContents {
  const tables = [whole!, ...others].flatMap((archive) => archive.tables).sort(byName);
  const twice = tables.find((table, index) => index > 0 && byName(tables[index - 1]!, table) === 0);
  if (twice !== undefined) {
    const name = `${twice.schema}.${twice.name}`;
    throw new SeakeepError("SK-DUMP-002", `The dump has the rows of ${name} in two of its files.`);
  }
  return { ...whole!, tables };
}

/**
 * The largest, and not those of extensions, which pg_dump treats in a way of its own, nor names whose bytes on a command
 * line are not those in the database. Within double quotes a pattern of pg_dump is the name and nothing else.
 */
async function largeTables({ session, database }: Snapshot): Promise<LargeTable[]> {
  const rows = await session.query<{ schema: string; name: string; bytes: string }>(
    `select schema, name, bytes::text from (
       select n.nspname::text as schema, c.relname::text as name,
         pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) as bytes
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_|^information_schema$'
         and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
           and d.deptype = 'e')) tables
     where bytes >= $1 and ($2 or schema || name ~ '^[ -~]+$') order by tables.bytes desc limit $3`,
    [LARGE, database.encoding === "UTF8", MOST],
  );
  return rows.map(({ schema, name, bytes }) => ({
    pattern: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    bytes: Number(bytes),
  }));
}
