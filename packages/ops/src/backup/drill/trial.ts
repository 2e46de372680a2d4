import { SeakeepError } from "@seakeep/contract";
import { type Connection, withDatabase } from "../../postgres/connection.ts";
import type { BackupEntry } from "../catalog.ts";
import {
  notRestored,
  type RestoreOptions,
  type RestoreParts,
  type RestoreResult,
  restore,
} from "../restore.ts";
import type { Store } from "../stores/store.ts";
import { type DrillServer, dropDatabase } from "./server.ts";

/** What a trial works with. */
export interface TrialParts extends RestoreParts {
  readonly store: Store;
  readonly tool: string;
  /** Asked for only when there is something to restore. */
  readonly openServer: () => Promise<DrillServer>;
}

export type TrialOptions = Omit<RestoreOptions, "connection" | "into" | "prove">;

/** What became of a backup that was restored to a server that nobody depends on. */
export interface Trial<T> {
  /** Absent: it came to no restore. */
  readonly server?: DrillServer;
  readonly result: RestoreResult;
  /** What was seen in the database; absent: there was none that equals the backup. */
  readonly seen?: T;
}

/** Name of the restored database; on a declared server with something random behind it. */
const DATABASE = "seakeep_drill";
/** Errors that say of the backup, rather than of the circumstances, that it cannot be restored. */
const VERDICTS: ReadonlySet<string> = new Set(["SK-RESTORE-015", "SK-DUMP-002"]);

/**
 * Restores a backup to a server that nobody depends on, looks at the database if it equals the backup, and drops it. It
 * leaves no proof: what a proof takes is up to the caller.
 *
 * @throws {SeakeepError} when it cannot be told whether the backup is good.
 */
export async function tryOut<T>(
  parts: TrialParts,
  entry: BackupEntry,
  options: TrialOptions,
  look: (database: Connection) => Promise<T>,
): Promise<Trial<T>> {
  if (entry.lacking.length > 0) return { result: notRestored(entry.lacking) };
  const server = await parts.openServer();
  const { connection, kind } = server;
  const into = kind === "scratch" ? DATABASE : `${DATABASE}_${entry.id.slice(-4)}_${process.pid}`;
  let made: string | undefined;
  try {
    const result = await restoreOrFail(parts, entry, { ...options, connection, into, prove: false });
    made = result.database;
    if (!result.validated) return { server, result };
    return { server, result, seen: await look(withDatabase(connection, into)) };
  } finally {
    if (made !== undefined) await clear(connection, made, options);
  }
}

async function restoreOrFail(
  parts: TrialParts,
  entry: BackupEntry,
  options: RestoreOptions,
): Promise<RestoreResult> {
  try {
    return await restore(parts, entry, options);
  } catch (error) {
    if (error instanceof SeakeepError && VERDICTS.has(error.code)) return notRestored([error.what]);
    throw error;
  }
}

/** A server may take more than one backup, and a declared one is to be left as it was. */
async function clear(connection: Connection, database: string, { onWarning }: TrialOptions): Promise<void> {
  await dropDatabase(connection, database).catch((error: Error) =>
    onWarning?.(`the database "${database}" of the drill could not be removed: ${error.message}`),
  );
}
