import { SeakeepError } from "@seakeep/contract";
import { findDatabase, openMaintenance, quoted } from "../../backup/server/maintenance.ts";
import type { Connection } from "../../postgres/connection.ts";
import type { Session } from "../../postgres/session.ts";

/** Milliseconds that statements under way are given to end. */
const DRAIN = 5_000;

/** Whether a database takes writes of its applications. */
export type Writes = "held" | "let in";

/** Tells whether writes are held: whether the database's own setting makes every new session read-only. */
export async function readWrites(connection: Connection): Promise<Writes> {
  return withMaintenance(connection, (session) => standing(session, connection.database));
}

async function standing(session: Session, database: string): Promise<Writes> {
  const [row] = await session.query<{ held: boolean }>(
    `select exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
       where d.datname = $1 and s.setrole = 0 and 'default_transaction_read_only=on' = any (s.setconfig)) as held`,
    [database],
  );
  return row!.held ? "held" : "let in";
}

/**
 * Holds the writes of applications, or lets them in again. Sessions that are open take no notice of the setting, so they are
 * ended; applications connect again. It holds whoever does not ask for more: a session may still say `set transaction read
 * write`, and Seakeep's own do.
 */
export async function setWrites(connection: Connection, wanted: Writes): Promise<void> {
  const { database } = connection;
  await withMaintenance(connection, async (session) => {
    if ((await findDatabase(session, database)) === undefined)
      throw new SeakeepError("SK-RESTORE-003", `There is no database "${database}" on this server.`);
    const how =
      wanted === "held" ? "set default_transaction_read_only = on" : "reset default_transaction_read_only";
    await session.query(`alter database ${quoted(database)} ${how}`);
    await endSessions(session, database);
  });
}

/** Who is in the middle of a transaction gets a while to finish it. */
async function endSessions(session: Session, database: string): Promise<void> {
  const end = (which: string) =>
    session.query<{ pid: number }>(
      `select pid, pg_terminate_backend(pid) from pg_stat_activity
       where datname = $1 and backend_type = 'client backend' and pid <> pg_backend_pid()
         and application_name not like 'seakeep%' and backend_start < $2::timestamptz ${which}`,
      [database, since],
    );
  const [{ now: since }] = (await session.query<{ now: string }>(
    "select clock_timestamp()::text as now",
  )) as [{ now: string }];
  await end("and state = 'idle'");
  const busy = () =>
    session.query(
      `select from pg_stat_activity where datname = $1 and backend_type = 'client backend' and pid <> pg_backend_pid()
         and application_name not like 'seakeep%' and backend_start < $2::timestamptz limit 1`,
      [database, since],
    );
  for (let waited = 0; waited < DRAIN && (await busy()).length > 0; waited += 100) {
    await session.query("select pg_sleep(0.1)");
    await end("and state = 'idle'");
  }
  await end("");
}

async function withMaintenance<T>(connection: Connection, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openMaintenance(connection);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
