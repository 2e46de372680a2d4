import { type Connection, withDatabase } from "../../postgres/connection.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { openSession, type Session } from "../../postgres/session.ts";
import { countRows, countValues, only, readTables, type Table } from "./tables.ts";

/** What a table would lose, and get back, if another database took the place of its own. */
export interface TableLoss {
  readonly schema: string;
  readonly name: string;
  /** Rows that are only here, as they are here: written or changed since. */
  readonly lost: number;
  /** Rows that are only there: deleted or changed since. */
  readonly back: number;
  /** Rows with a value in a column that the other table does not have. */
  readonly values: number;
}

export interface Loss {
  /** Only tables that differ. */
  readonly tables: readonly TableLoss[];
  readonly lost: number;
  readonly back: number;
  readonly values: number;
  /** Large objects that are only here, as they are here. */
  readonly largeObjects: number;
}

/** Rows fetched at once, 32 bytes each and some. */
const BATCH = 5_000;

/**
 * Counts, row by row, what `live` holds and `other` does not. Both databases are read in one snapshot each; memory does not
 * grow with them, for both sides come sorted. Rows are compared by the columns that both tables have.
 */
export async function compareDatabases(
  connection: Connection,
  { live, other, signal }: { readonly live: string; readonly other: string; readonly signal: AbortSignal },
): Promise<Loss> {
  const here = await open(withDatabase(connection, live));
  try {
    const there = await open(withDatabase(connection, other));
    try {
      return await compare(here, there, signal);
    } finally {
      await there.close();
    }
  } finally {
    await here.close();
  }
}

async function compare(here: Session, there: Session, signal: AbortSignal): Promise<Loss> {
  const key = ({ schema, name }: Pick<Table, "schema" | "name">) => JSON.stringify([schema, name]);
  const others = new Map((await readTables(there)).map((table) => [key(table), table]));
  const tables: TableLoss[] = [];
  for (const table of await readTables(here)) {
    signal.throwIfAborted();
    const { schema, name } = table;
    const other = others.get(key(table));
    others.delete(key(table));
    const counts =
      other === undefined
        ? { lost: await countRows(here, only(table)), back: 0, values: 0 }
        : await compareTables({ here, there, table, other, signal });
    tables.push({ schema, name, ...counts });
  }
  for (const { schema, name } of others.values()) {
    tables.push({ schema, name, lost: 0, back: await countRows(there, only({ schema, name })), values: 0 });
  }
  const sum = (of: "lost" | "back" | "values") => tables.reduce((total, table) => total + table[of], 0);
  return {
    tables: tables.filter(({ lost, back, values }) => lost + back + values > 0),
    ...{ lost: sum("lost"), back: sum("back"), values: sum("values") },
    largeObjects: await onlyHere(here, there),
  };
}

interface Pair {
  readonly here: Session;
  readonly there: Session;
  readonly table: Table;
  readonly other: Table;
  readonly signal: AbortSignal;
}

async function compareTables({
  here,
  there,
  table,
  other,
  signal,
}: Pair): Promise<Omit<TableLoss, "schema" | "name">> {
  const shared = new Set(other.columns.map(({ name }) => name));
  const row = table.columns.filter(({ name }) => shared.has(name)).map(({ name }) => quoteIdentifier(name));
  const hash = `md5(row(${row.join(", ")})::text)`;
  const values = await countValues(
    here,
    only(table),
    table.columns.filter(({ name }) => !shared.has(name)),
  );
  const [ours, theirs] = [await digest(here, table, hash), await digest(there, table, hash)];
  if (ours === theirs) return { lost: 0, back: 0, values };
  return { ...(await merge(hashes(here, table, hash), hashes(there, table, hash), signal)), values };
}

/** Equal for equal rows in whatever order. */
async function digest(session: Session, table: Table, hash: string): Promise<string> {
  const [row] = await session.query<{ digest: string }>(
    `select count(*) || ' ' || coalesce(sum(('x' || left(h, 15))::bit(60)::bigint), 0) || ' ' ||
       coalesce(sum(('x' || right(h, 15))::bit(60)::bigint), 0) as digest
     from (select ${hash} as h from ${only(table)}) as hashed`,
  );
  return row!.digest;
}

async function* hashes(session: Session, table: Table, hash: string): AsyncGenerator<string, void> {
  await session.query(
    `declare seakeep_rows no scroll cursor for select ${hash} as h from ${only(table)} order by ${hash} collate "C"`,
  );
  for (;;) {
    const rows = await session.query<{ h: string }>(`fetch ${BATCH} from seakeep_rows`);
    for (const { h } of rows) yield h;
    if (rows.length < BATCH) break;
  }
  await session.query("close seakeep_rows");
}

/** What two sorted lists do not share, equal entries counted one by one: a table without a key may hold a row twice. */
export async function merge(
  ours: AsyncIterable<string>,
  theirs: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<{ lost: number; back: number }> {
  const [left, right] = [ours[Symbol.asyncIterator](), theirs[Symbol.asyncIterator]()];
  let [a, b] = [await left.next(), await right.next()];
  let [lost, back] = [0, 0];
  while (!a.done || !b.done) {
    signal.throwIfAborted();
    if (b.done || (!a.done && a.value < b.value)) {
      lost += 1;
      a = await left.next();
    } else if (a.done || b.value < a.value) {
      back += 1;
      b = await right.next();
    } else {
      a = await left.next();
      b = await right.next();
    }
  }
  return { lost, back };
}

async function onlyHere(here: Session, there: Session): Promise<number> {
  const read = (session: Session) =>
    session.query<{ object: string }>(
      "select oid::text || ' ' || md5(lo_get(oid)) as object from pg_largeobject_metadata",
    );
  const others = new Set((await read(there)).map(({ object }) => object));
  return (await read(here)).filter(({ object }) => !others.has(object)).length;
}

/** One snapshot, and rows as text that look the same on both sides. */
async function open(connection: Connection): Promise<Session> {
  const session = await openSession(connection);
  try {
    await session.query(
      `select set_config('datestyle', 'ISO', false), set_config('intervalstyle', 'postgres', false),
        set_config('timezone', 'UTC', false), set_config('extra_float_digits', '3', false),
        set_config('bytea_output', 'hex', false), set_config('row_security', 'off', false)`,
    );
    await session.query("begin isolation level repeatable read read only");
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}
