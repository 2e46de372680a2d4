/** Catalogs of what is rare in an application's schema; their rows are compared as they are. */
const OTHERS = [
  "pg_am",
  "pg_cast",
  "pg_collation",
  "pg_conversion",
  "pg_event_trigger",
  "pg_foreign_data_wrapper",
  "pg_foreign_server",
  "pg_language",
  "pg_opclass",
  "pg_operator",
  "pg_opfamily",
  "pg_transform",
  "pg_ts_config",
  "pg_ts_dict",
  "pg_ts_parser",
  "pg_ts_template",
];

/** First OID that initdb does not give. */
const FIRST_OWN = 16_384;

const others = OTHERS.map(
  (catalog) => `
  select split_part(pg_describe_object('${catalog}'::regclass, o.oid, 0), ' ', 1) as kind,
    pg_describe_object('${catalog}'::regclass, o.oid, 0) as name, '' as bare, null::oid as "on",
    null::oid as refers, (to_jsonb(o) - 'oid')::text as definition, true as optional
  from pg_catalog.${catalog} o where o.oid >= ${FIRST_OWN} and not owned('${catalog}', o.oid)`,
);

const query = `
with space as (
  select oid, nspname, nspowner, nspacl from pg_catalog.pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
), relation as (
  select c.*, format('%I.%I', s.nspname, c.relname) as whole,
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
      when 'S' then 'sequence' when 'c' then 'type' else 'table' end as word
  from pg_catalog.pg_class c join space s on s.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c') and not owned('pg_class', c.oid)
), facts as (
  select word as kind, whole as name, relname::text as bare, oid as "on", null::oid as refers,
    jsonb_build_object('kind', relkind, 'persistence', relpersistence, 'owner', pg_get_userbyid(relowner),
      'acl', relacl::text, 'security', array[relrowsecurity, relforcerowsecurity],
      'partition', pg_get_expr(relpartbound, oid),
      'parents', (select jsonb_agg(i.inhparent::regclass::text order by i.inhseqno)
        from pg_catalog.pg_inherits i where i.inhrelid = relation.oid),
      'view', case when relkind in ('v', 'm') then pg_get_viewdef(oid) || coalesce(reloptions::text, '') end,
      'sequence', (select to_jsonb(q) - 'seqrelid' from pg_catalog.pg_sequence q
        where q.seqrelid = relation.oid))::text as definition,
    true as optional
  from relation
  union all
  select 'column', format('%s.%I', r.whole, a.attname), a.attname::text, r.oid, null,
    jsonb_build_object('type', format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity, 'generated', a.attgenerated,
      'collation', a.attcollation::regcollation::text, 'acl', a.attacl::text)::text,
    not a.attnotnull or d.oid is not null or a.attidentity <> ''
  from relation r join pg_catalog.pg_attribute a on a.attrelid = r.oid
    left join pg_catalog.pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
  where a.attnum > 0 and not a.attisdropped and r.relkind <> 'S'
  union all
  select 'constraint', format('%s.%I', coalesce(r.whole, format('%I.%I', s.nspname, t.typname)), k.conname),
    k.conname::text, coalesce(r.oid, t.oid), case when k.contype = 'f' and k.confdeltype in ('a', 'r') then k.confrelid end,
    regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''), true
  from pg_catalog.pg_constraint k left join relation r on r.oid = k.conrelid
    left join pg_catalog.pg_type t on t.oid = k.contypid left join space s on s.oid = t.typnamespace
  where k.contype not in ('n', 't') and (r.oid is not null or s.oid is not null)
  union all
  select 'unique index', format('%s.%I', r.whole, c.relname), c.relname::text, r.oid, null,
    pg_get_indexdef(i.indexrelid), true
  from pg_catalog.pg_index i join relation r on r.oid = i.indrelid
    join pg_catalog.pg_class c on c.oid = i.indexrelid
  where i.indisunique and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid
    and k.contype in ('p', 'u', 'x'))
  union all
  select 'trigger', format('%s.%I', r.whole, t.tgname), t.tgname::text, r.oid, null,
    pg_get_triggerdef(t.oid) || t.tgenabled::text, true
  from pg_catalog.pg_trigger t join relation r on r.oid = t.tgrelid where not t.tgisinternal
  union all
  select 'rule', format('%s.%I', r.whole, w.rulename), w.rulename::text, r.oid, null,
    pg_get_ruledef(w.oid) || w.ev_enabled::text, true
  from pg_catalog.pg_rewrite w join relation r on r.oid = w.ev_class where w.rulename <> '_RETURN'
  union all
  select 'policy', format('%s.%I', r.whole, p.polname), p.polname::text, r.oid, null,
    jsonb_build_array(p.polcmd, p.polpermissive, p.polroles::regrole[]::text,
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))::text, true
  from pg_catalog.pg_policy p join relation r on r.oid = p.polrelid
  union all
  select 'function', format('%I.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
    p.proname::text, null, null,
    case p.prokind when 'a' then (select (to_jsonb(a) - 'aggfnoid')::text from pg_catalog.pg_aggregate a
      where a.aggfnoid = p.oid) else pg_get_functiondef(p.oid) end || coalesce(p.proacl::text, ''), true
  from pg_catalog.pg_proc p join space s on s.oid = p.pronamespace where not owned('pg_proc', p.oid)
  union all
  select case t.typtype when 'd' then 'domain' else 'type' end, format('%I.%I', s.nspname, t.typname),
    t.typname::text, t.oid, null,
    jsonb_build_array(t.typtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
      t.typacl::text)::text, true
  from pg_catalog.pg_type t join space s on s.oid = t.typnamespace
  where t.typtype in ('d', 'e', 'r') and not owned('pg_type', t.oid)
  union all
  select 'enum label', format('%I.%I.%L', s.nspname, t.typname, e.enumlabel), e.enumlabel::text, t.oid, null,
    '', true
  from pg_catalog.pg_enum e join pg_catalog.pg_type t on t.oid = e.enumtypid
    join space s on s.oid = t.typnamespace where not owned('pg_type', t.oid)
  union all
  select 'schema', format('%I', nspname), nspname::text, null, null,
    jsonb_build_array(pg_get_userbyid(nspowner), nspacl::text)::text, true
  from space
  union all
  select 'extension', format('%I', extname), extname::text, null, null, extversion, true
  from pg_catalog.pg_extension
  union all
  select 'setting', format('%s of %s', setting, case when s.setrole = 0 then 'the database' else s.setrole::regrole::text end),
    '', null, null, '', true
  from pg_catalog.pg_db_role_setting s, unnest(s.setconfig) setting
  where s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
  union all ${others.join("\n  union all")}
)
select kind, name, bare, "on"::text as "on", refers::text as refers, definition, optional from facts
order by kind, name`;

/** One query for all of them, so that they are of one moment. */
export const FACTS: string = query.replaceAll(
  /owned\('(\w+)', (\w+\.oid)\)/g,
  `exists (select from pg_catalog.pg_depend x where x.classid = 'pg_catalog.$1'::regclass
    and x.objid = $2 and x.deptype = 'e')`,
);
