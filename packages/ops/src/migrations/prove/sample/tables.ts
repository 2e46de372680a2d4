import type { Session } from "../../../postgres/session.ts";

/** A column to make values for. */
export interface SampleColumn {
  readonly name: string;
  /** As SQL writes it: `character varying(20)`. */
  readonly type: string;
  /** Name of the type, or of the one below a domain: `varchar`, `int4`, `_text`, `mood`. */
  readonly base: string;
  /** As SQL writes the latter. */
  readonly baseType: string;
  /** `e` enum, `r` range, `c` composite, `b` base; of the latter type. */
  readonly sort: string;
  /** It is an array. */
  readonly array: boolean;
  /** Longest text; null: as long as it likes. */
  readonly length: number | null;
  /** Of a numeric: digits, and digits after the point; null: any. */
  readonly digits: readonly [precision: number, scale: number] | null;
  readonly required: boolean;
  /** It is made by a sequence. */
  readonly counted: boolean;
  /** Nobody may write it. */
  readonly generated: boolean;
}

export interface SampleReference {
  readonly columns: readonly string[];
  /** Quoted, with its schema. */
  readonly table: string;
  readonly keys: readonly string[];
}

/** A table to fill. A partitioned one is filled from its root. */
export interface SampleTable {
  readonly name: string;
  readonly columns: readonly SampleColumn[];
  readonly references: readonly SampleReference[];
  /** Conditions that a row has to meet, and the columns that they are about; of a domain, `VALUE` is the column. */
  readonly conditions: readonly { readonly columns: readonly string[]; readonly sql: string }[];
  readonly empty: boolean;
}

/** Tables that rows can be written to, but for those of extensions. */
export async function readSampleTables(session: Session): Promise<readonly SampleTable[]> {
  const tables = await session.query<Omit<SampleTable, "empty">>(QUERY);
  const filled: SampleTable[] = [];
  for (const table of tables) {
    const [row] = await session.query<{ empty: boolean }>(
      `select not exists (select from ${table.name}) as empty`,
    );
    filled.push({ ...table, empty: row!.empty });
  }
  return filled;
}

const QUERY = `
with recursive base as (
  select t.oid, t.oid as below, t.typtypmod as modifier, t.typtype as sort from pg_type t where t.typtype <> 'd'
  union all
  select d.oid, b.below, case when d.typtypmod >= 0 then d.typtypmod else b.modifier end, b.sort
  from pg_type d join base b on b.oid = d.typbasetype where d.typtype = 'd'
), domain_check as (
  select d.oid, k.oid as "check" from pg_type d join pg_constraint k on k.contypid = d.oid and k.contype = 'c'
  where d.typtype = 'd'
), leaf as (
  select root.oid as root, tree.relid as oid from pg_class root, pg_partition_tree(root.oid) tree
  where root.relkind = 'p' and not root.relispartition and tree.isleaf
)
select format('%I.%I', n.nspname, c.relname) as name,
  (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'base', t.typname, 'baseType', format_type(b.below, case when a.atttypmod >= 0 then a.atttypmod else b.modifier end),
      'sort', b.sort, 'array', t.typcategory = 'A',
      'length', case when t.typname in ('varchar', 'bpchar') and m.modifier >= 4 then m.modifier - 4
        when t.typname in ('bit', 'varbit') and m.modifier >= 0 then m.modifier end,
      'digits', case when t.typname = 'numeric' and m.modifier >= 4
        then json_build_array(((m.modifier - 4) >> 16) & 65535, (m.modifier - 4) & 2047) end,
      'required', a.attnotnull or exists (select from pg_type d where d.oid = a.atttypid and d.typnotnull),
      'counted', a.attidentity <> '' or coalesce(pg_get_expr(f.adbin, f.adrelid) like 'nextval(%', false),
      'generated', a.attgenerated <> '') order by a.attnum), '[]')
    from pg_attribute a join base b on b.oid = a.atttypid join pg_type t on t.oid = b.below
      left join pg_attrdef f on (f.adrelid, f.adnum) = (a.attrelid, a.attnum)
      cross join lateral (select case when a.atttypmod >= 0 then a.atttypmod else b.modifier end as modifier) m
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(json_build_object(
      'columns', (select json_agg(a.attname order by k.place) from unnest(f.conkey) with ordinality k (number, place)
        join pg_attribute a on (a.attrelid, a.attnum) = (f.conrelid, k.number)),
      'table', format('%I.%I', rn.nspname, r.relname),
      'keys', (select json_agg(a.attname order by k.place) from unnest(f.confkey) with ordinality k (number, place)
        join pg_attribute a on (a.attrelid, a.attnum) = (f.confrelid, k.number))) order by f.conname), '[]')
    from pg_constraint f join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
    where f.conrelid = c.oid and f.contype = 'f' and not r.relispartition) as "references",
  (select coalesce(json_agg(json_build_object('columns', x.columns, 'sql', x.sql) order by x.sql), '[]') from (
    select array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum = any (k.conkey)) as columns,
      pg_get_expr(k.conbin, k.conrelid) as sql
    from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
    union all
    select array[a.attname::text], regexp_replace(pg_get_expr(k.conbin, 0), '\\mVALUE\\M', format('%I', a.attname), 'g')
    from pg_attribute a join domain_check d on d.oid = a.atttypid join pg_constraint k on k.oid = d."check"
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    union all
    select array(select a.attname::text from pg_partitioned_table p, pg_attribute a where p.partrelid = c.oid
        and a.attrelid = c.oid and a.attnum = any (p.partattrs::int2[])),
      string_agg('(' || pg_get_partition_constraintdef(l.oid) || ')', ' or ' order by l.oid)
    from leaf l where l.root = c.oid having count(*) > 0) x) as conditions
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
    and d.deptype = 'e')
order by 1`;
