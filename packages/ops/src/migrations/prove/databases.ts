import { type Connection, withDatabase } from "../../postgres/connection.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { openSession, type Session } from "../../postgres/session.ts";

/** The databases of a scratch server. */
export interface Databases {
  connection(name: string): Connection;
  create(name: string): Promise<void>;
  /** Copies a database that nobody is connected to; OIDs stay the same. One of that name is replaced. */
  copy(from: string, to: string): Promise<void>;
  drop(name: string): Promise<void>;
}

/** @param connection superuser of a server that is there for this alone */
export function databasesOf(connection: Connection): Databases {
  const run = (...statements: readonly string[]) =>
    withSession(withDatabase(connection, "postgres"), async (session) => {
      for (const statement of statements) await session.query(statement);
    });
  const drop = (name: string) => `drop database if exists ${quoteIdentifier(name)} with (force)`;
  return {
    connection: (name) => withDatabase(connection, name),
    create: (name) => run(`create database ${quoteIdentifier(name)} template template0`),
    copy: (from, to) =>
      run(drop(to), `create database ${quoteIdentifier(to)} template ${quoteIdentifier(from)}`),
    drop: (name) => run(drop(name)),
  };
}

/** Opens a session for as long as something takes. */
export async function withSession<T>(
  connection: Connection,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(connection);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
