/**
 * Where a Postgres is, and as whom to connect. The password is behind a function, so that no log, error or JSON text
 * can show it by accident.
 */
export interface Connection {
  /** A host name, an address, or the folder of a socket (then it begins with `/`). */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: () => string | undefined;
  /** Everything else libpq takes, by the names of its environment variables: `PGSSLMODE`, `PGOPTIONS`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The same server and user, another database. */
export function withDatabase(connection: Connection, database: string): Connection {
  return { ...connection, database };
}
