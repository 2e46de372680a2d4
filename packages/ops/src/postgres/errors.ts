import { type ErrorCode, SeakeepError } from "@seakeep/contract";
import type { Connection } from "./connection.ts";
import { redact } from "./redact.ts";

/** Codes of https://www.postgresql.org/docs/current/errcodes-appendix.html, and what they mean to us. */
const STATES: Readonly<Record<string, ErrorCode>> = {
  "28000": "SK-POSTGRES-003",
  "28P01": "SK-POSTGRES-003",
  "3D000": "SK-POSTGRES-003",
  "42501": "SK-POSTGRES-006",
  "55P03": "SK-DUMP-003",
};

/** An error of the `pg` client in our terms, without its query, parameters or anything secret. */
export function fromPostgres(error: unknown, connection: Connection): SeakeepError {
  if (error instanceof SeakeepError) return error;
  const { code = "", message } = error as { code?: string; message: string };
  // An AggregateError of several addresses has a code, and no message.
  // The client's own words when the server asks for a password and there is none.
  if (/password must be a/.test(message)) {
    return new SeakeepError("SK-POSTGRES-003", `${place(connection)}: the server asks for a password.`);
  }
  const said: PostgresError = { state: code, message: redact(message || code, connection) };
  const what = `${place(connection)}: ${said.message}`;
  return new SeakeepError(STATES[code] ?? "SK-POSTGRES-002", what, { cause: said });
}

/** What the server itself said of a query that failed. */
export interface PostgresError {
  /** SQLSTATE; empty or a word such as `ECONNREFUSED` when it was no answer of a server. */
  readonly state: string;
  /** Its primary message, without secrets. */
  readonly message: string;
}

/** The server's own words behind an error of ours; `undefined`: the server rejected no statement. */
export function rejection(error: unknown): PostgresError | undefined {
  if (!(error instanceof SeakeepError)) return undefined;
  const said = error.cause as Partial<PostgresError> | undefined;
  return /^[0-9A-Z]{5}$/.test(said?.state ?? "") ? (said as PostgresError) : undefined;
}

/** A server as people name it. */
export function place({ host, port, database, user }: Connection): string {
  const server = host.startsWith("/") ? `${host} (port ${port})` : `${host}:${port}`;
  return `The database "${database}" at ${server} as "${user}"`;
}
