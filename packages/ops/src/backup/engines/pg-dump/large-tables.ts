import { nameOf, type RowsOf } from "./rows-file.ts";
import type { Snapshot } from "./snapshot.ts";

/** Bytes from which a table is large: what the rows of smaller ones take is soon over. */
const LARGE = 8 * 1024 * 1024;
/** Tables at most, so that no command line outgrows what a system takes. */
const MOST = 1000;
/** Files of rows at most: so many can be read, stored and loaded at once. */
const FILES = 8;

/** A table whose rows are worth a way of their own. */
export interface LargeTable extends RowsOf {
  /** On disk, with what it keeps out of line. */
  readonly bytes: number;
}

/**
 * The large tables of a snapshot, largest first, locked against all that would change what reading them finds.
 *
 * Not those of extensions, which pg_dump treats in a way of its own; nor names with line breaks, nor such whose bytes on a
 * command line are not those in the database. Within double quotes a pattern of pg_dump is the name and nothing else.
 *
 * The snapshot's own session locks them until it is closed, as pg_dump does those that it reads: a TRUNCATE that slipped in
 * between two readers would leave a later one a table that is empty, whatever the snapshot says.
 *
 * @throws {SeakeepError} `SK-DUMP-003` when one of them stays locked by somebody else.
 */
export async function lockLargeTables(
  { session, database }: Snapshot,
  large: number = LARGE,
): Promise<LargeTable[]> {
  const rows = await session.query<{ schema: string; name: string; columns: string[]; bytes: string }>(
    `select schema, name, columns, bytes::text from (
       select n.nspname::text as schema, c.relname::text as name,
         array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
           and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
         pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) as bytes
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_|^information_schema$'
         and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
           and d.deptype = 'e')) tables,
       array_to_string(schema || (name || columns), '') as names
     where bytes >= $1 and columns <> '{}' and names !~ '[\\n\\r]' and ($2 or names ~ '^[ -~]+$')
     order by tables.bytes desc, schema, name limit $3`,
    [large, database.encoding === "UTF8", MOST],
  );
  for (const table of rows) await session.query(`lock table only ${nameOf(table)} in access share mode`);
  return rows.map(({ bytes, ...table }) => ({ ...table, bytes: Number(bytes) }));
}

/** Deals tables out to files, largest first to whichever has least, so that each holds about as much. */
export function dealOut<T extends { readonly bytes: number }>(
  tables: readonly T[],
  most: number = FILES,
): T[][] {
  const hands: { bytes: number; readonly tables: T[] }[] = [];
  for (const table of [...tables].sort((a, b) => b.bytes - a.bytes)) {
    if (hands.length < most) hands.push({ bytes: table.bytes, tables: [table] });
    else {
      const least = hands.reduce((best, hand) => (hand.bytes < best.bytes ? hand : best));
      least.bytes += table.bytes;
      least.tables.push(table);
    }
  }
  return hands.sort((a, b) => b.bytes - a.bytes).map((hand) => hand.tables);
}
