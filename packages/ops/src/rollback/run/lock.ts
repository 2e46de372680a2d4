import { createHash } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import { openMaintenance } from "../../backup/server/maintenance.ts";
import type { Connection } from "../../postgres/connection.ts";

/**
 * Holds other runs for a service off its server. Beside the database, because a plan may end all sessions of that; it goes
 * with its connection, however this process ends.
 *
 * @returns what lets go
 * @throws {SeakeepError} `SK-ROLLBACK-006` when another run holds it.
 */
export async function lockRun(connection: Connection, service: string): Promise<() => Promise<void>> {
  const session = await openMaintenance(connection);
  try {
    const key = createHash("sha256").update(`seakeep rollback ${service}`).digest().readBigInt64BE();
    const [row] = await session.query<{ taken: boolean }>("select pg_try_advisory_lock($1) as taken", [
      String(key),
    ]);
    if (row!.taken) return () => session.close();
    throw new SeakeepError("SK-ROLLBACK-006", `Another run for ${service} is under way on this server.`);
  } catch (error) {
    await session.close();
    throw error;
  }
}
