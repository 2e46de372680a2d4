import type { Connection } from "../../postgres/connection.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { openSession, type Session } from "../../postgres/session.ts";

export interface ClientOptions {
  /** Whom to act as; default: who connects. */
  readonly role?: string | undefined;
  /** Milliseconds for one statement. Default: no limit. */
  readonly statementTimeout?: number;
  /** Milliseconds to wait for a lock. Default: no limit. */
  readonly lockTimeout?: number;
}

/** Connects with what the database sets for whoever uses it, unlike {@link openSession}, which is for queries of our own. */
export async function openClient(connection: Connection, options: ClientOptions = {}): Promise<Session> {
  const { role, statementTimeout = 0, lockTimeout } = options;
  const session = await openSession(connection, lockTimeout === undefined ? {} : { lockTimeout });
  try {
    await session.query("reset search_path");
    await session.query("select pg_catalog.set_config('statement_timeout', $1, false)", [
      String(statementTimeout),
    ]);
    if (role !== undefined) await session.query(`set role ${quoteIdentifier(role)}`);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}
