import { createHash } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import { type Connection, withDatabase } from "../../postgres/connection.ts";
import { readIdentity } from "../../postgres/identity.ts";
import { openSession, type Session } from "../../postgres/session.ts";

/** Databases that every server has and nobody renames. */
const NEUTRAL = ["postgres", "template1"];

/** Connects to a server beside the databases that are to be created, renamed or dropped there. */
export async function openMaintenance(connection: Connection): Promise<Session> {
  for (const [index, database] of NEUTRAL.entries()) {
    try {
      return await openSession(withDatabase(connection, database));
    } catch (error) {
      const refused = error instanceof SeakeepError && error.code === "SK-POSTGRES-003";
      if (!refused || index === NEUTRAL.length - 1) throw error;
    }
  }
  throw new Error("unreachable: the last attempt returns or throws");
}

/**
 * First 8 hex digits of the SHA-256 of the server's system identifier: tells a copy-pasted confirmation for one server
 * from that for another.
 */
export async function serverFingerprint(session: Session): Promise<string> {
  const { system } = await readIdentity(session);
  return createHash("sha256").update(system).digest("hex").slice(0, 8);
}

/** An identifier for use in a statement that takes no parameters. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A text literal for the same. */
export function literal(text: string): string {
  const escaped = text.replaceAll("'", "''");
  return escaped.includes("\\") ? ` E'${escaped.replaceAll("\\", "\\\\")}'` : `'${escaped}'`;
}

/** What the server knows of a database; `undefined` when there is none of that name. */
export async function findDatabase(
  session: Session,
  name: string,
): Promise<{ readonly oid: string; readonly comment: string | null } | undefined> {
  const [row] = await session.query<{ oid: string; comment: string | null }>(
    `select oid::text as oid, shobj_description(oid, 'pg_database') as comment from pg_database
     where datname = $1`,
    [name],
  );
  return row;
}
