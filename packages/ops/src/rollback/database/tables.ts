import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Session } from "../../postgres/session.ts";

/** A column, and what tells a value of it from one that nobody wrote. */
export interface Column {
  readonly name: string;
  /** The default, when it is a constant: SQL. */
  readonly constant: string | null;
}

/** A table that holds rows of its own. */
export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
}

/** The rows of this very table, without those of tables that inherit from it. */
export function only({ schema, name }: Pick<Table, "schema" | "name">): string {
  return `only ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A default that is a constant: a number, a literal, true or false, perhaps cast. Anything else may be worth something. */
const CONSTANT = "^(-?[0-9]+(\\.[0-9]+)?|true|false|''(?:[^'']|'''')*''|NULL)(::[a-z_ \"\\[\\]().0-9,]+)?$";

/** Of the relation `c`, as JSON. */
const COLUMNS = `coalesce((select json_agg(json_build_object('name', a.attname::text, 'constant',
    case when a.attgenerated = '' and pg_get_expr(d.adbin, d.adrelid) ~ '${CONSTANT}'
      then pg_get_expr(d.adbin, d.adrelid) end) order by a.attnum)
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]')`;

/** The columns of a relation, by its OID. */
export async function readColumns(session: Session, oid: string): Promise<readonly Column[]> {
  const [row] = await session.query<{ columns: readonly Column[] }>(
    `select ${COLUMNS} as columns from pg_class c where c.oid = $1`,
    [oid],
  );
  return row?.columns ?? [];
}

/** Tables outside the server's own schemas, partitions each by itself. */
export function readTables(session: Session): Promise<Table[]> {
  return session.query<Table>(
    `select n.nspname::text as schema, c.relname::text as name, ${COLUMNS} as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
     order by 1, 2`,
  );
}

/** Counts rows. @param from what follows `from` in SQL */
export async function countRows(session: Session, from: string): Promise<number> {
  const [row] = await session.query<{ rows: string }>(`select count(*)::text as rows from ${from}`);
  return Number(row!.rows);
}

/**
 * Counts the rows in which any of these columns holds what is neither null nor its constant default.
 *
 * @param from what follows `from` in SQL
 */
export async function countValues(
  session: Session,
  from: string,
  columns: readonly Column[],
): Promise<number> {
  if (columns.length === 0) return 0;
  const held = columns.map(({ name, constant }) => {
    const column = quoteIdentifier(name);
    // As text: json and xml have no equality.
    const written = `${column} is not null`;
    return constant === null
      ? written
      : `(${written} and ${column}::text is distinct from (${constant})::text)`;
  });
  const [row] = await session.query<{ rows: string }>(
    `select count(*)::text as rows from ${from} where ${held.join(" or ")}`,
  );
  return Number(row!.rows);
}
