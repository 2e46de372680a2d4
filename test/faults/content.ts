import { createHash } from "node:crypto";
import type pg from "pg";

const RELATIONS = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relkind::text as kind, c.relispopulated as filled
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^(pg_|information_schema$)' order by 1, 2`;
const DEFINITIONS = `
  select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where connamespace::regnamespace::text !~ '^(pg_|information_schema$)'
  union all select 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
    where indrelid >= 16384 and indrelid::regclass::text !~ '^pg_toast'
  union all select 'view', schemaname, viewname, definition from pg_views where schemaname !~ '^(pg_|information_schema$)'
  union all select 'column', attrelid::regclass::text, attname, concat(format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated)
    from pg_attribute where attrelid >= 16384 and attnum > 0 and not attisdropped and attrelid::regclass::text !~ '^pg_toast'
  order by 1, 2, 3, 4`;
const LARGE_OBJECTS = "select oid::text, md5(lo_get(oid)) from pg_largeobject_metadata order by oid";

/**
 * What a database holds, as one hash: every row of every relation, sequences, large objects and definitions.
 *
 * Computed by the server in SQL and by none of the code under test, so that the two cannot be wrong together.
 */
export async function contentOf(client: pg.Client): Promise<string> {
  const hash = createHash("sha256");
  const { rows: relations } = await client.query<{ name: string; kind: string; filled: boolean }>(RELATIONS);
  hash.update(JSON.stringify(relations));
  for (const { name, kind, filled } of relations) {
    if (kind === "S")
      hash.update(JSON.stringify(await rowsOf(client, `select last_value, is_called from ${name}`)));
    if (filled && "rm".includes(kind)) {
      const rows = "md5(t::text)";
      const sql = `select count(*)::text, md5(string_agg(${rows}, '' order by ${rows})) from ${name} t`;
      hash.update(JSON.stringify([name, await rowsOf(client, sql)]));
    }
  }
  for (const sql of [DEFINITIONS, LARGE_OBJECTS]) hash.update(JSON.stringify(await rowsOf(client, sql)));
  return hash.digest("hex").slice(0, 16);
}

async function rowsOf(client: pg.Client, text: string): Promise<unknown[][]> {
  return (await client.query<unknown[]>({ text, rowMode: "array" })).rows;
}
