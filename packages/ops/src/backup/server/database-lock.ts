import { createHash } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import type { Connection } from "../../postgres/connection.ts";
import { readIdentity } from "../../postgres/identity.ts";
import { openSession } from "../../postgres/session.ts";

/** Holds others off while a backup of a database runs. The server ends it with its connection, however that ends. */
export interface DatabaseLock {
  /** Of this very database in this run of its server: no two holders share it at one time. */
  readonly id: string;
  release(): Promise<void>;
}

/**
 * Takes the advisory lock of a service on its database.
 *
 * @throws {SeakeepError} `SK-BACKUP-004` when another run holds it.
 */
export async function lockDatabase(connection: Connection, service: string): Promise<DatabaseLock> {
  const session = await openSession(connection);
  try {
    const key = createHash("sha256").update(`seakeep backup ${service}`).digest().readBigInt64BE();
    const [row] = await session.query<{ taken: boolean; started: string; standby: boolean }>(
      `select pg_try_advisory_lock($1) as taken, pg_postmaster_start_time()::text as started,
        pg_is_in_recovery() as standby`,
      [String(key)],
    );
    const { taken, ...server } = row!;
    if (!taken) {
      throw new SeakeepError("SK-BACKUP-004", "Another run holds the advisory lock on the database.");
    }
    const { system, name } = await readIdentity(session);
    const id = createHash("sha256")
      .update(JSON.stringify([system, name, server]))
      .digest("hex")
      .slice(0, 32);
    return { id, release: () => session.close() };
  } catch (error) {
    await session.close();
    throw error;
  }
}
