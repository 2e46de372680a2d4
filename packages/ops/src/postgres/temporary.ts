import { randomBytes } from "node:crypto";
import type { Connection } from "./connection.ts";
import { quoteIdentifier } from "./quote.ts";
import { openSession, type Session } from "./session.ts";

const PREFIX = "seakeep_restore_";
const NAME = `^${PREFIX}[0-9a-f]{12}$`;

/** A name for the database that a restore fills. */
export function temporaryName(): string {
  return `${PREFIX}${randomBytes(6).toString("hex")}`;
}

/** As long as the session lives it goes by the name of a temporary database, so that nobody takes that for a leftover. */
export async function claimTemporary(session: Session, name: string): Promise<void> {
  await session.query("select set_config('application_name', $1, false)", [name]);
}

/**
 * Makes the database that a restore fills, and claims it.
 *
 * @param options of CREATE DATABASE
 */
export async function createTemporary(session: Session, name: string, options: string): Promise<void> {
  await claimTemporary(session, name);
  await session.query(`create database ${quoteIdentifier(name)} with template template0 ${options}`);
}

/** Drops what a restore made and could not finish. */
export async function dropTemporary(
  session: Session,
  name: string,
  connection: Connection,
  onWarning?: (text: string) => void,
): Promise<void> {
  const statement = `drop database if exists ${quoteIdentifier(name)} with (force)`;
  try {
    await session.query(statement).catch(async () => {
      // The connection may be what broke.
      const again = await openSession(connection);
      await again.query(statement).finally(() => again.close());
    });
  } catch {
    onWarning?.(`The unfinished database ${name} could not be removed; drop it when the server is back.`);
  }
}

/**
 * Drops what restores left behind that were killed. Best effort: one that is somebody else's stays, and so does one
 * with a connection to it, such as that of a pg_restore which outlived its parent.
 */
export async function sweepTemporary(session: Session): Promise<void> {
  const left = await session.query<{ name: string }>(
    `select d.datname::text as name from pg_database d where d.datname ~ $1
       and not exists (select from pg_stat_activity a where a.application_name = d.datname)`,
    [NAME],
  );
  for (const { name } of left) {
    await session.query(`drop database if exists ${quoteIdentifier(name)}`).catch(() => {});
  }
}
