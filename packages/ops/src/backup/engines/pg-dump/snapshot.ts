import { readMigration } from "../../../postgres/applied-migration.ts";
import type { Connection } from "../../../postgres/connection.ts";
import type { DatabaseIdentity } from "../../../postgres/identity.ts";
import { readIdentity } from "../../../postgres/identity.ts";
import { openSession, type Session } from "../../../postgres/session.ts";
import type { Contents } from "../../manifest.ts";

/** A moment of a database, held open so that pg_dump sees the same, and what an archive does not tell of it. */
export interface Snapshot {
  /** For `--snapshot`. */
  readonly name: string;
  readonly at: Date;
  readonly database: DatabaseIdentity;
  readonly estimatedBytes: number;
  readonly inventory: Pick<Contents, "extensions" | "roles" | "migration">;
  /** The connection that holds it: what is asked there is as of the same moment. */
  readonly session: Session;
  close(): Promise<void>;
}

/**
 * Opens a snapshot.
 *
 * REPEATABLE READ, as pg_dump itself uses: one snapshot for all that follows. Not SERIALIZABLE DEFERRABLE, which can
 * wait without end on a busy server and gains only that no anomaly between concurrent writers is seen.
 */
export async function openSnapshot(connection: Connection, lockTimeout: number): Promise<Snapshot> {
  const session = await openSession(connection, { lockTimeout });
  try {
    await session.query("begin isolation level repeatable read, read only");
    const [row] = await session.query<{ at: Date; name: string }>(
      // The time of BEGIN: what was committed before it is in the dump for certain, of what came later nothing is said.
      "select transaction_timestamp() as at, pg_export_snapshot() as name",
    );
    return {
      ...row!,
      database: await readIdentity(session),
      estimatedBytes: await estimate(session),
      inventory: await readInventory(session),
      session,
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** What a database holds and an archive does not tell, or not exactly. */
async function readInventory(
  session: Session,
): Promise<Pick<Contents, "extensions" | "roles" | "migration">> {
  const extensions = await session.query<{ name: string; version: string }>(
    'select extname::text as name, extversion as version from pg_extension order by extname collate "C"',
  );
  const roles = await session.query<{ name: string }>(`
    select r.rolname::text as name from pg_roles r
    where r.oid in (
      select d.refobjid from pg_shdepend d join pg_database b on b.datname = current_database()
      where d.refclassid = 'pg_authid'::regclass
        and (d.dbid = b.oid or (d.dbid = 0 and d.classid = 'pg_database'::regclass and d.objid = b.oid)))
    order by r.rolname collate "C"`);
  const migration = await readMigration(session);
  return { extensions, roles: roles.map(({ name }) => name), ...(migration && { migration }) };
}

/** Tables with what they keep out of line, and large objects; not indexes, which a dump only names. */
async function estimate(session: Session): Promise<number> {
  const [row] = await session.query<{ bytes: string }>(`
    select coalesce(sum(pg_relation_size(c.oid)), 0)::text as bytes from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 't') and (n.nspname not in ('pg_catalog', 'information_schema')
      or c.oid = 'pg_largeobject'::regclass)`);
  return Number(row!.bytes);
}
