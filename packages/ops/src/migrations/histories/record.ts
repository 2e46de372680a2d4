import { SeakeepError } from "@seakeep/contract";
import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Session } from "../../postgres/session.ts";

/** The table in which a tool keeps what it has applied. */
export interface RecordTable {
  readonly name: string;
  /** Default: `public`, else the first schema that has it. */
  readonly schema?: string | undefined;
  /** Columns without which the table is somebody else's. */
  readonly columns: readonly string[];
}

/**
 * Finds the table of a tool's record and answers how to name it in SQL; `undefined` when there is none.
 *
 * @throws {SeakeepError} `SK-MIGRATIONS-004` when there is one without the columns of this tool.
 */
export async function findRecord(session: Session, table: RecordTable): Promise<string | undefined> {
  const [found] = await session.query<{ schema: string; columns: string[] }>(
    `select n.nspname::text as schema,
       array(select attname::text from pg_attribute a where a.attrelid = c.oid and attnum > 0 and not attisdropped) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relname = $1 and n.nspname = coalesce($2, n.nspname)
       and n.nspname !~ '^pg_temp_'
     order by n.nspname <> 'public', n.nspname limit 1`,
    [table.name, table.schema ?? null],
  );
  if (found === undefined) return undefined;
  const missing = table.columns.filter((column) => !found.columns.includes(column));
  if (missing.length > 0) {
    throw new SeakeepError(
      "SK-MIGRATIONS-004",
      `The table ${found.schema}.${table.name} lacks the column${missing.length === 1 ? "" : "s"} ${missing.join(", ")}.`,
    );
  }
  return `${quoteIdentifier(found.schema)}.${quoteIdentifier(table.name)}`;
}
