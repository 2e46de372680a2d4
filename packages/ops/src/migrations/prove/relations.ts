import type { Session } from "../../postgres/session.ts";

/** What a relation is called, for sentences and for SQL. */
export interface RelationName {
  readonly schema: string;
  readonly name: string;
  readonly kind: "table" | "index" | "view" | "materialized view" | "sequence" | "foreign table";
}

/** Orders relations the same everywhere. */
export function byName(a: RelationName, b: RelationName): number {
  const [one, other] = [a, b].map(({ schema, name }) => `${schema}\0${name}`) as [string, string];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Where a relation is kept, and what the session's transaction did to it so far. */
export interface Relation extends RelationName {
  readonly oid: string;
  /** Of an index, the OID of its table. */
  readonly table: string | null;
  /** Number of its file; null where nothing is stored. Another one: it was written anew. */
  readonly file: string | null;
  /** 0 for the database's default. */
  readonly tablespace: string;
  readonly bytes: number;
  /** Names of its columns by their numbers; dropped ones are not there. */
  readonly columns: Readonly<Record<string, string>>;
  /** Of a foreign key's table: names of those that hold for every row. */
  readonly validated: readonly string[];
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Scans from end to end that were begun. */
  readonly scans: number;
  /** Pages read, from wherever. */
  readonly pages: number;
}

const KINDS = `case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
  when 'i' then 'index' when 'I' then 'index' when 'f' then 'foreign table' else 'table' end`;

/** Which functions count: those of the transaction under way, or those of the past. */
type Counters = "xact" | "flushed";

const query = (counters: Counters) => {
  const prefix = counters === "xact" ? "pg_stat_get_xact" : "pg_stat_get";
  return `
select c.oid::text, n.nspname::text as schema, c.relname::text as name, ${KINDS} as kind,
  i.indrelid::text as "table", pg_relation_filenode(c.oid)::text as file, c.reltablespace::text as tablespace,
  case when c.relkind in ('r', 'm', 'i') then pg_relation_size(c.oid) else 0 end::float8 as bytes,
  (select coalesce(json_object_agg(a.attnum, a.attname), '{}') from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f')) as columns,
  array(select k.conname::text from pg_catalog.pg_constraint k
    where k.conrelid = c.oid and k.contype = 'f' and k.convalidated) as validated,
  ${prefix}_tuples_inserted(c.oid)::float8 as inserted, ${prefix}_tuples_updated(c.oid)::float8 as updated,
  ${prefix}_tuples_deleted(c.oid)::float8 as deleted, ${prefix}_numscans(c.oid)::float8 as scans,
  ${prefix}_blocks_fetched(c.oid)::float8 as pages
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_index i on i.indexrelid = c.oid
where c.relkind in ('r', 'p', 'v', 'm', 'i', 'I', 'S', 'f') and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'`;
};

/** Every relation of the database's own schemas, by OID. */
export async function readRelations(
  session: Session,
  counters: Counters = "xact",
): Promise<ReadonlyMap<string, Relation>> {
  const rows = await session.query<Relation>(query(counters));
  return new Map(rows.map((row) => [row.oid, row]));
}
