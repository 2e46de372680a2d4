import { SeakeepError } from "@seakeep/contract";
import type { Connection } from "../../postgres/connection.ts";
import { readIdentity } from "../../postgres/identity.ts";
import { startScratchServer } from "../../postgres/scratch/scratch-server.ts";
import { findServer } from "../../postgres/scratch/server-programs.ts";
import type { WorkFolder } from "../../postgres/scratch/work-folder.ts";
import { openSession } from "../../postgres/session.ts";
import type { Manifest } from "../manifest.ts";
import { openMaintenance, quoted } from "../server/maintenance.ts";

/** A Postgres to drill on. */
export interface DrillServer {
  readonly connection: Connection;
  /** `scratch`: started for this drill, and gone with its folder. `declared`: somebody's, and left as it was. */
  readonly kind: "scratch" | "declared";
  /** `server_version_num`, such as 150018. */
  readonly version: number;
}

/** Starts a server of the backup's major version or a newer one, with the roles that the backup names. */
export async function scratchServer(
  { database, contents }: Manifest,
  folder: WorkFolder,
  signal: AbortSignal,
): Promise<DrillServer> {
  const programs = await findServer(Math.floor(database.version / 10_000));
  const connection = await startScratchServer(programs, folder, signal);
  return { connection, kind: "scratch", version: await addRoles(connection, contents.roles) };
}

/**
 * Superusers all: what belongs to a superuser can be restored to none else. Nobody can log in as them.
 *
 * @returns the server's version
 */
async function addRoles(connection: Connection, roles: readonly string[]): Promise<number> {
  const session = await openSession(connection);
  try {
    const there = await session.query<{ name: string }>("select rolname::text as name from pg_roles");
    const known = new Set(there.map(({ name }) => name));
    for (const role of roles) {
      // Names with this beginning are the server's own; those of a newer server cannot be made on an older one.
      if (known.has(role) || role.startsWith("pg_")) continue;
      await session.query(`create role ${quoted(role)} superuser nologin`);
    }
    return session.version;
  } finally {
    await session.close();
  }
}

/**
 * Takes a server that somebody runs, once it is certain that the backup does not come from it.
 *
 * @param sources where the service's database is, as far as is known: of the backup, and of the configuration
 * @throws {SeakeepError} `SK-DRILL-001` when it is the source, or cannot be told from it.
 */
export async function declaredServer(
  connection: Connection,
  sources: readonly string[],
): Promise<DrillServer> {
  const session = await openMaintenance(connection);
  try {
    const { system } = await readIdentity(session);
    if (sources.includes(system)) {
      throw new SeakeepError(
        "SK-DRILL-001",
        "The server to drill on is the one that the backup was taken of.",
      );
    }
    // An address, where the server does not tell its identifier: two addresses can be one server.
    if ([system, ...sources].some((identifier) => identifier.startsWith("at:"))) {
      throw new SeakeepError(
        "SK-DRILL-001",
        "The server to drill on and the source cannot be told apart: one of them does not tell its system identifier.",
        {
          fix: "Leave --server-from-env out, so that a scratch server is started, or let the database user call pg_control_system().",
        },
      );
    }
    return { connection, kind: "declared", version: session.version };
  } finally {
    await session.close();
  }
}

/** The identity of the server that a connection leads to. */
export async function systemOf(connection: Connection): Promise<string> {
  const session = await openSession(connection);
  try {
    return (await readIdentity(session)).system;
  } finally {
    await session.close();
  }
}

/** Removes what a drill made on a declared server. */
export async function dropDatabase(connection: Connection, database: string): Promise<void> {
  const session = await openMaintenance(connection);
  try {
    await session.query(`drop database if exists ${quoted(database)} with (force)`);
  } finally {
    await session.close();
  }
}
