import { SeakeepError } from "@seakeep/contract";
import { type Connection, withDatabase } from "../../postgres/connection.ts";
import type { BackupEntry } from "../catalog.ts";
import type { Engine } from "../engines/engine.ts";
import { writeProof } from "../proof.ts";
import { type RestoreOptions, type RestoreResult, restore } from "../restore.ts";
import type { Store } from "../stores/store.ts";
import { appendReport } from "./chain.ts";
import { holdTo, notHeld } from "./expect.ts";
import type { Expectation } from "./expectation.ts";
import { judgeObjective } from "./objectives.ts";
import type { DrillReport } from "./report.ts";
import { type DrillServer, dropDatabase } from "./server.ts";

export interface DrillOptions
  extends Pick<RestoreOptions, "identities" | "workFolder" | "jobs" | "onBytes" | "onStep" | "onWarning"> {
  readonly service: string;
  /** What is promised, milliseconds. */
  readonly recovery?: { readonly rpo: number; readonly rto: number } | undefined;
  /** Only of the newest backup is the age one that a disaster would cost. */
  readonly newest: boolean;
  readonly expectations: readonly Expectation[];
  readonly signal: AbortSignal;
}

/** What a drill works with. */
export interface DrillParts {
  readonly store: Store;
  readonly engine: Engine;
  readonly tool: string;
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
  /** Asked for only when there is something to restore. */
  readonly openServer: () => Promise<DrillServer>;
}

/** A finished drill, as it stands in the store. */
export interface Drilled {
  readonly report: DrillReport;
  /** What is wrong with the reports before it, in words. */
  readonly chainProblems: readonly string[];
}

/** Name of the restored database; on a declared server with something random behind it. */
const DATABASE = "seakeep_drill";
/** Errors that say of the backup, rather than of the circumstances, that it cannot be restored. */
const VERDICTS: ReadonlySet<string> = new Set(["SK-RESTORE-015", "SK-DUMP-002"]);

/**
 * Restores a backup to a server that nobody depends on, compares it with its manifest, holds it to what its owner expects
 * of the data, and measures what a disaster would have cost. The report goes to the store; a backup that came through
 * is proven.
 *
 * @throws {SeakeepError} when it cannot be told whether the backup is good: then there is no report.
 */
export async function drill(parts: DrillParts, entry: BackupEntry, options: DrillOptions): Promise<Drilled> {
  const { store, tool } = parts;
  const { recovery, expectations, newest, service } = options;
  const { manifest } = entry;
  const startedAt = await store.now();
  const tried = await tryOut(parts, entry, options);
  const { server, result } = tried;
  const snapshot = manifest && Date.parse(manifest.snapshotAt);
  const age =
    snapshot === undefined ? undefined : Math.max(0, Math.round((startedAt.getTime() - snapshot) / 1000));
  const rpo = judgeObjective(age, recovery?.rpo);
  const rto = judgeObjective(result.validated ? result.seconds : undefined, recovery?.rto);
  const held = result.validated && tried.expectations.every(({ passed }) => passed);
  const judged = newest ? [rto, rpo] : [rto];
  options.signal.throwIfAborted();
  if (held && manifest) {
    await writeProof(store, entry.folder, manifest, { by: "drill", tool, seconds: result.seconds });
  }
  const { report, chain } = await appendReport(store, entry.folder, {
    format: 1,
    ...{ id: entry.id, service, tool },
    ...(manifest && { manifest: manifest.checksum, snapshotAt: manifest.snapshotAt }),
    startedAt: startedAt.toISOString(),
    ...(server && { server: { kind: server.kind, version: server.version } }),
    passed: held && judged.every(({ verdict }) => verdict === "met" || verdict === "not declared"),
    ...{ validated: result.validated, problems: result.problems, tables: result.tables, rows: result.rows },
    expectations: tried.expectations.length > 0 ? tried.expectations : notHeld(expectations),
    rto,
    rpo: newest ? rpo : { ...rpo, verdict: "not judged" },
  });
  return { report, chainProblems: chain.problems };
}

interface Tried {
  readonly server?: DrillServer;
  readonly result: RestoreResult;
  readonly expectations: Awaited<ReturnType<typeof holdTo>>;
}

async function tryOut(parts: DrillParts, entry: BackupEntry, options: DrillOptions): Promise<Tried> {
  if (entry.state === "damaged") return { result: failed(entry.problems), expectations: [] };
  const server = await parts.openServer();
  const into = server.kind === "scratch" ? DATABASE : `${DATABASE}_${entry.id.slice(-4)}_${process.pid}`;
  const { connection } = server;
  let made: string | undefined;
  try {
    const result = await restoreOrFail(parts, entry, { ...options, connection, into, prove: false });
    made = result.database;
    if (!result.validated) return { server, result, expectations: [] };
    const database = withDatabase(connection, into);
    return { server, result, expectations: await holdTo(database, options.expectations, options.signal) };
  } finally {
    if (made !== undefined) await clear(connection, made, options);
  }
}

async function restoreOrFail(
  { store, engine, tool, clock }: DrillParts,
  entry: BackupEntry,
  options: RestoreOptions,
): Promise<RestoreResult> {
  try {
    return await restore({ store, engine, tool, clock }, entry, options);
  } catch (error) {
    if (error instanceof SeakeepError && VERDICTS.has(error.code)) return failed([error.what]);
    throw error;
  }
}

/** A server may take more than one backup, and a declared one is to be left as it was. */
async function clear(connection: Connection, database: string, { onWarning }: DrillOptions): Promise<void> {
  await dropDatabase(connection, database).catch((error: Error) =>
    onWarning?.(`the database "${database}" of the drill could not be removed: ${error.message}`),
  );
}

function failed(problems: readonly string[]): RestoreResult {
  return { validated: false, problems, tables: 0, rows: 0, seconds: 0, missingRoles: [] };
}
