import type { Session } from "./session.ts";

/** A migration that a tool has recorded as applied. */
export interface AppliedMigration {
  /** `node-pg-migrate`, `prisma`, `drizzle` or `knex`. */
  readonly tool: string;
  /** As the tool names it. */
  readonly version: string;
}

interface Tool {
  readonly name: string;
  readonly table: string;
  /** The expression that is the version, and the order in which the newest comes first. */
  readonly version: string;
  readonly newest: string;
}

/** The tables in which migration tools keep what they have applied. */
const TOOLS: readonly Tool[] = [
  { name: "node-pg-migrate", table: "pgmigrations", version: "name", newest: "run_on desc, id desc" },
  {
    name: "prisma",
    table: "_prisma_migrations",
    version: "migration_name",
    newest: "(finished_at is not null and rolled_back_at is null) desc, finished_at desc",
  },
  { name: "drizzle", table: "__drizzle_migrations", version: "created_at", newest: "created_at desc" },
  { name: "knex", table: "knex_migrations", version: "name", newest: "id desc" },
];

/**
 * The newest migration that was applied, by the tables of the tools that are known. Undefined: no such table, or none
 * that can be read as one.
 */
export async function readMigration(session: Session): Promise<AppliedMigration | undefined> {
  const tables = await session.query<{ table: string; quoted: string }>(
    `select c.relname::text as table, format('%I.%I', n.nspname, c.relname) as quoted
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.relname = any ($1) and has_table_privilege(c.oid, 'select')
       and has_schema_privilege(n.oid, 'usage')
     order by n.nspname <> 'public', n.nspname`,
    [TOOLS.map(({ table }) => table)],
  );
  for (const tool of TOOLS) {
    const found = tables.find(({ table }) => table === tool.table);
    const version = found && (await newest(session, tool, found.quoted));
    if (version !== undefined) return { tool: tool.name, version };
  }
  return undefined;
}

/** In a savepoint: a table of that name may be somebody else's, and its error must not end the transaction. */
async function newest(session: Session, tool: Tool, table: string): Promise<string | undefined> {
  await session.query("savepoint migration");
  try {
    const [row] = await session.query<{ version: string | null }>(
      `select (${tool.version})::text as version from ${table} order by ${tool.newest} limit 1`,
    );
    return row?.version ?? undefined;
  } catch {
    return undefined;
  } finally {
    await session.query("rollback to savepoint migration");
  }
}
