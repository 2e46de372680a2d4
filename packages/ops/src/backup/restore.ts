import { randomBytes } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import { type Connection, withDatabase } from "../postgres/connection.ts";
import type { Session } from "../postgres/session.ts";
import { claimTemporary, temporaryName } from "../postgres/temporary.ts";
import { Damage } from "./archive/damage.ts";
import type { BackupEntry } from "./catalog.ts";
import { differences } from "./differences.ts";
import type { Engine, RestoreReport } from "./engines/engine.ts";
import { type FetchOptions, fetchBackup } from "./fetch.ts";
import type { Manifest } from "./manifest.ts";
import { writeProof } from "./proof.ts";
import { findDatabase, literal, openMaintenance, quoted } from "./server/maintenance.ts";
import type { Store } from "./stores/store.ts";

export interface RestoreOptions extends FetchOptions {
  /** The server to restore to, and as whom. */
  readonly connection: Connection;
  /** Name of the new database. */
  readonly into: string;
  readonly jobs?: number | undefined;
  /** Folder of pg_restore. */
  readonly programs?: string | undefined;
  /** Record in the store that the backup is proven. Default true; a drill asks for more first. */
  readonly prove?: boolean;
  readonly onStep?: (step: "fetch" | "restore" | "validate") => void;
  readonly onWarning?: (text: string) => void;
}

export interface RestoreResult {
  /** Where it is: `into`, or when it was not validated another name that it keeps. Absent: nowhere. */
  readonly database?: string;
  readonly validated: boolean;
  /** Why it was not validated, in words. */
  readonly problems: readonly string[];
  readonly tables: number;
  readonly rows: number;
  readonly seconds: number;
  readonly missingRoles: readonly string[];
}

/** Longest name that Postgres keeps whole, bytes. */
const MOST_NAME_BYTES = 63;

/**
 * Restores a backup into a database that it makes, and holds that against the manifest. The database has its name only
 * when it was validated: until then it has a temporary one. An interrupted restore takes that away again; after one that
 * was killed, the next restore on that server does.
 *
 * A validated restore is recorded in the store: the backup is proven.
 *
 * @throws {SeakeepError} `SK-RESTORE-*`, `SK-STORE-*`, `SK-POSTGRES-*`, `SK-BACKUP-009` to `-012`. Damage is a result.
 */
export async function restore(
  { store, engine, tool, clock }: { store: Store; engine: Engine; tool: string; clock: () => number },
  entry: BackupEntry,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const { manifest } = entry;
  const started = clock();
  const seconds = () => Math.round((clock() - started) / 100) / 10;
  const failed = (problems: readonly string[], database?: string): RestoreResult => ({
    ...(database !== undefined && { database }),
    ...{ validated: false, problems, tables: 0, rows: 0, seconds: seconds(), missingRoles: [] },
  });
  if (manifest === undefined || entry.state === "damaged") return failed(entry.problems);
  await checkName(options);
  const name = temporaryName();
  const claim = await openMaintenance(options.connection);
  try {
    await claimTemporary(claim, name);
    const { report, problems } = await restoreAndCompare(store, engine, manifest, name, options);
    if (problems.length > 0) return failed(problems, await setAside(options, report.database));
    await giveName(options, report.database, manifest);
    if (options.prove !== false) {
      await writeProof(store, entry.folder, manifest, { by: "restore", tool, seconds: seconds() }).catch(
        (error: unknown) =>
          options.onWarning?.(
            `the store could not be told that this backup is proven: ${(error as Error).message}`,
          ),
      );
    }
    const { tables } = manifest.contents;
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const { missingRoles } = report;
    const counts = { tables: tables.length, rows, seconds: seconds() };
    return { database: options.into, validated: true, problems, ...counts, missingRoles };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof Damage) return failed([error.message]);
    throw error;
  } finally {
    await claim.close();
  }
}

/** The last line of a restored database's comment: what it was made from. */
function markOf(id: string): string {
  return `seakeep: restored from ${id} and validated`;
}

/** True when a database of that comment was made from that very backup, and validated. */
export function isMarked(comment: string | null | undefined, id: string): boolean {
  return comment?.split("\n").at(-1) === markOf(id);
}

async function checkName({ connection, into }: RestoreOptions): Promise<void> {
  const longest = MOST_NAME_BYTES - Buffer.byteLength(unequal("", Buffer.alloc(4)));
  if (into === "" || Buffer.byteLength(into) > longest) {
    throw new SeakeepError("SK-RESTORE-006", `A database's name here has 1 to ${longest} bytes.`);
  }
  await withMaintenance(connection, async (session) => {
    if ((await findDatabase(session, into)) === undefined) return;
    throw new SeakeepError("SK-RESTORE-011", `The database "${into}" exists.`);
  });
}

/** The name of what was restored and is not what was dumped: nobody takes it away but who looks into it. */
function unequal(into: string, random: Uint8Array): string {
  return `${into}_restoring_${Buffer.from(random).toString("hex")}`;
}

async function restoreAndCompare(
  store: Store,
  engine: Engine,
  manifest: Manifest,
  into: string,
  options: RestoreOptions,
): Promise<{ report: RestoreReport; problems: string[] }> {
  const { connection, signal, jobs, programs, onStep, onWarning } = options;
  const run = { signal, ...(programs !== undefined && { programs }), ...(onWarning && { onWarning }) };
  onStep?.("fetch");
  const fetched = await fetchBackup(store, manifest, options);
  try {
    onStep?.("restore");
    const report = await engine.restore({
      ...{ connection, into, files: fetched.files },
      ...(jobs !== undefined && { jobs }),
      ...run,
    });
    try {
      onStep?.("validate");
      const restored = await engine.inspect({ connection: withDatabase(connection, into), ...run });
      signal.throwIfAborted();
      return { report, problems: differences(manifest.contents, restored) };
    } catch (error) {
      await drop(connection, into);
      throw error;
    }
  } finally {
    await fetched.remove();
  }
}

/** @returns its name */
async function setAside({ connection, into }: RestoreOptions, made: string): Promise<string> {
  const name = unequal(into, randomBytes(4));
  await withMaintenance(connection, (session) =>
    session.query(`alter database ${quoted(made)} rename to ${quoted(name)}`),
  );
  return name;
}

async function giveName({ connection, into }: RestoreOptions, made: string, { id }: Manifest): Promise<void> {
  await withMaintenance(connection, async (session) => {
    const comment = (await findDatabase(session, made))?.comment;
    const marked = [...(comment ? [comment] : []), markOf(id)].join("\n");
    await session.query(`comment on database ${quoted(made)} is ${literal(marked)}`);
    await session.query(`alter database ${quoted(made)} rename to ${quoted(into)}`);
  }).catch(async (error: unknown) => {
    await drop(connection, made);
    throw error;
  });
}

/** Best effort: what failed first is what is told. */
async function drop(connection: Connection, database: string): Promise<void> {
  await withMaintenance(connection, (session) =>
    session.query(`drop database if exists ${quoted(database)} with (force)`),
  ).catch(() => {});
}

async function withMaintenance<T>(connection: Connection, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openMaintenance(connection);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
