import type { Socket } from "node:net";
import type { Client, ClientConfig } from "pg";
import type { Connection } from "./connection.ts";
import { fromPostgres } from "./errors.ts";
import { tlsAttempts } from "./tls.ts";

/** One connection, used by one caller. */
export interface Session {
  /** `server_version_num`, such as 150018. */
  readonly version: number;
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Safe at any time, more than once. */
  close(): Promise<void>;
}

/** Milliseconds to connect, unless the URL says otherwise with `connect_timeout`. */
const CONNECT_TIMEOUT = 15_000;

/**
 * Connects for queries of our own.
 *
 * Timeouts that the server or role may have set are off: a backup takes as long as it takes, and what must end ends by
 * its signal. Names resolve in pg_catalog alone, so that nothing the database holds can stand in for a function.
 *
 * @throws {SeakeepError} `SK-POSTGRES-002` or `-003`.
 */
export async function openSession(
  connection: Connection,
  options: { readonly lockTimeout?: number } = {},
): Promise<Session> {
  const client = await connect(connection);
  // Without a listener the loss of an idle connection would end the process; the next query reports it.
  client.on("error", () => {});
  const session: Session = {
    version: 0,
    async query<Row extends object>(sql: string, values?: readonly unknown[]) {
      try {
        return (await client.query<Row>(sql, values && [...values])).rows;
      } catch (error) {
        throw fromPostgres(error, connection);
      }
    },
    async close() {
      // Ending what is broken already is no news.
      await client.end().catch(() => {});
    },
  };
  try {
    await session.query(
      `select set_config('search_path', 'pg_catalog', false), set_config('statement_timeout', '0', false),
        set_config('idle_in_transaction_session_timeout', '0', false),
        set_config('default_transaction_read_only', 'off', false), set_config('lock_timeout', $1, false)`,
      [String(options.lockTimeout ?? 0)],
    );
    const [row] = await session.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    const version = row!.version;
    if (version >= 170000) await session.query("set transaction_timeout = 0");
    return { ...session, version };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A session for as long as it is used; see {@link whileOpen}. @throws {SeakeepError} as {@link openSession}. */
export function withSession<T>(
  connection: Connection,
  signal: AbortSignal | undefined,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  return whileOpen(() => openSession(connection), signal, use);
}

/** Opens, uses and closes. The signal closes at once, whatever is under way, and then its reason is thrown. */
export async function whileOpen<Opened extends { close(): Promise<void> }, T>(
  open: () => Promise<Opened>,
  signal: AbortSignal | undefined,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const opened = await open();
  const abort = () => void opened.close();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await use(opened);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    await opened.close();
  }
}

/**
 * Connects, with TLS or without as the connection says.
 *
 * @param plainSocket makes the socket of a connection without TLS; default: Node's own
 * @throws {SeakeepError} `SK-POSTGRES-002` or `-003`.
 */
export async function connect(connection: Connection, plainSocket?: () => Socket): Promise<Client> {
  const { default: pg } = await import("pg");
  const attempts = await tlsAttempts(connection);
  for (const [index, ssl] of attempts.entries()) {
    const stream = ssl === false && plainSocket !== undefined ? { stream: plainSocket } : {};
    const client = new pg.Client({ ...clientConfig(connection, ssl), ...stream });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      const refused = /does not support SSL|pg_hba\.conf/.test((error as Error).message);
      if (!refused || index === attempts.length - 1) throw fromPostgres(error, connection);
    }
  }
  throw new Error("unreachable: there is always one attempt");
}

function clientConfig(connection: Connection, ssl: ClientConfig["ssl"]): ClientConfig {
  const { host, port, user, database, settings } = connection;
  const password = connection.password();
  return {
    host,
    port,
    user,
    database,
    ...(password !== undefined && { password }),
    ...(settings.PGOPTIONS && { options: settings.PGOPTIONS }),
    ssl,
    application_name: settings.PGAPPNAME ?? "seakeep",
    connectionTimeoutMillis: Number(settings.PGCONNECT_TIMEOUT ?? 0) * 1000 || CONNECT_TIMEOUT,
    keepAlive: true,
  };
}
