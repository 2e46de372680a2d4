import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Session } from "../../postgres/session.ts";

/** A column, as its values are compared. */
export interface Column {
  /** Number within its table; stays when it is renamed. */
  readonly number: number;
  readonly name: string;
  /** As SQL writes it, with its schema. */
  readonly type: string;
  /** Rows that have a value. */
  readonly filled: number;
  /** Sum over the rows of a hash of the row's key and the value: the order of rows does not matter. */
  readonly hash: string;
}

/** The rows of one table, but not those of its partitions or children. */
export interface TableContents {
  readonly oid: string;
  /** Quoted, with its schema. */
  readonly name: string;
  /** Columns of the primary key; none: rows cannot be told from each other. */
  readonly key: readonly string[];
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** What a database holds. */
export interface Contents {
  readonly tables: readonly TableContents[];
  /** Where each sequence stands, by name. */
  readonly sequences: Readonly<Record<string, { readonly at: string; readonly ascending: boolean }>>;
  readonly largeObjects: string;
}

/** The same text for the same value, whatever the database is set to. */
const PINNED = `set search_path = pg_catalog; set timezone = 'UTC'; set datestyle = 'ISO, YMD';
  set intervalstyle = 'postgres'; set extra_float_digits = 1; set bytea_output = 'hex'; set row_security = off`;

/** Pins whatever changes how values are written. */
export async function pin(session: Session): Promise<void> {
  await session.query(PINNED);
}

/** Reads all of it. Generated columns are left out: they hold nothing of their own. */
export async function readContents(session: Session): Promise<Contents> {
  await pin(session);
  const tables: TableContents[] = [];
  for (const shape of await readShapes(session)) tables.push(await readTable(session, shape));
  const sequences = await session.query<{ name: string; at: string | null; ascending: boolean }>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text as at, increment_by > 0 as ascending
     from pg_sequences order by 1`,
  );
  const [objects] = await session.query<{ hash: string }>(
    `select count(*) || ' ' || coalesce(sum(hashtextextended(loid || ' ' || pageno || ' ' || encode(data, 'hex'), 0)), 0)
       as hash from pg_largeobject`,
  );
  return {
    tables,
    sequences: Object.fromEntries(
      sequences.flatMap(({ name, at, ascending }) => (at === null ? [] : [[name, { at, ascending }]])),
    ),
    largeObjects: objects!.hash,
  };
}

/** A table before its rows are counted. */
export type TableShape = Omit<TableContents, "rows" | "columns"> & {
  readonly columns: readonly Omit<Column, "filled" | "hash">[];
};

/** Tables that hold rows of their own, but for those of extensions. */
export async function readShapes(session: Session): Promise<readonly TableShape[]> {
  return await session.query<TableShape>(`
    select c.oid::text, format('%I.%I', n.nspname, c.relname) as name,
      array(select a.attname::text from pg_index i, unnest(i.indkey) with ordinality k (number, place)
        join pg_attribute a on (a.attrelid, a.attnum) = (c.oid, k.number)
        where i.indrelid = c.oid and i.indisprimary order by k.place) as key,
      (select coalesce(json_agg(json_build_object('number', a.attnum, 'name', a.attname,
          'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum), '[]')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          and a.attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
        and d.deptype = 'e')
    order by name`);
}

/** Reads one table as a shape says, which need not be quite its own. */
export async function readTable(session: Session, shape: TableShape): Promise<TableContents> {
  const key = keyExpression(shape);
  const columns = shape.columns.map(
    (column, index) => `count(${quoteIdentifier(column.name)}) as f${index},
      coalesce(sum(hashtextextended(${key} || ${valueExpression(column)}, 0)), 0)::text as h${index}`,
  );
  const [row] = await session.query<Record<string, string>>(
    `select count(*) as rows${columns.map((column) => `, ${column}`).join("")} from only ${shape.name}`,
  );
  return {
    ...shape,
    rows: Number(row!.rows),
    columns: shape.columns.map((column, index) => ({
      ...column,
      filled: Number(row![`f${index}`]),
      hash: row![`h${index}`]!,
    })),
  };
}

/** What tells a row from the others, as text: its key, or everything in it. */
export function keyExpression({ key, columns }: TableShape): string {
  const telling = key.length === 0 ? columns : columns.filter(({ name }) => key.includes(name));
  const parts = telling.map((column) => `coalesce(${valueExpression(column)}, chr(29)) || chr(30)`);
  return parts.length === 0 ? "''" : parts.join(" || ");
}

/** A value as its type writes it; null for null. Not `::text`, which a type may define otherwise. */
export function valueExpression({ name, type }: { readonly name: string; readonly type: string }): string {
  const column = quoteIdentifier(name);
  return `case when ${column} is not null then format('%s', ${column}::${type}) end`;
}
