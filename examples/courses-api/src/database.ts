import pg from "pg";

export type Database = pg.Pool;
/** Where a query can run: the pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool, "query">;

/** Every wait has an end: for a connection, for a statement, for an idle transaction. */
export function connect(url: string, max: number): Database {
  const database = new pg.Pool({
    connectionString: url,
    max,
    application_name: "courses-api",
    connectionTimeoutMillis: 2_000,
    statement_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
  });
  // A connection lost while idle is replaced by the pool; without a listener the event would end the process.
  database.on("error", () => {});
  return database;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function transaction<T>(database: Database, work: (db: Queryable) => Promise<T>): Promise<T> {
  const client = await database.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    const broken = await client.query("rollback").then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}

/** Resolves when the database answers in time; the health check of the service. */
export async function ping(database: Database): Promise<void> {
  await database.query({ text: "select 1", query_timeout: 1_000 } as pg.QueryConfig);
}

/** True when the database could not be reached, as against having refused a query. */
export function isUnreachable(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  // Class 08: connection exceptions; 57P01 to 57P03: shutting down, crashed, starting up; 53300: too many clients.
  if (/^(ECONN\w+|ETIMEDOUT|ENOTFOUND|EPIPE|08\w{3}|57P0[123]|53300)$/.test(String(code))) return true;
  // node-postgres gives its own timeouts and cuts no code.
  return /^(timeout exceeded when trying to connect|Connection terminated)/.test(String(message));
}
