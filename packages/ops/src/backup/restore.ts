import { randomBytes } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import { type Connection, withDatabase } from "../postgres/connection.ts";
import type { Session } from "../postgres/session.ts";
import { claimTemporary, temporaryName } from "../postgres/temporary.ts";
import { Damage } from "./archive/damage.ts";
import type { BackupEntry } from "./catalog.ts";
import { differences } from "./differences.ts";
import type { Engine, RestoreReport } from "./engines/engine.ts";
import { type Fetched, type FetchOptions, fetchBackup } from "./fetch.ts";
import type { Contents } from "./manifest.ts";
import { provesNothing, writeProof } from "./proof.ts";
import { findDatabase, literal, openMaintenance, quoted } from "./server/maintenance.ts";
import type { Store } from "./stores/store.ts";

/** Where a restore goes, and how. */
export interface RestoreInto {
  /** The server to restore to, and as whom. */
  readonly connection: Connection;
  /** Name of the new database. */
  readonly into: string;
  readonly jobs?: number | undefined;
  /** Folder of pg_restore. */
  readonly programs?: string | undefined;
  readonly signal: AbortSignal;
  readonly onStep?: (step: "fetch" | "restore" | "validate") => void;
  readonly onWarning?: (text: string) => void;
}

export interface RestoreOptions extends RestoreInto, FetchOptions {
  /** Record in the store that the backup is proven. Default true; a drill asks for more first. */
  readonly prove?: boolean;
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

/** What can be restored: files that an engine takes, and what must come out of them. */
export interface Source {
  /** What the restored database remembers that it was made from. */
  readonly id: string;
  /** The files, verified at the latest when they are read. May throw {@link Damage}. */
  readonly fetch: () => Promise<Fetched>;
  /** How what was restored differs from what was dumped, in words. */
  readonly differences: (restored: Contents) => readonly string[];
  readonly tables: number;
  readonly rows: number;
}

/** What restores, and by which clock. */
export interface RestoreParts {
  readonly engine: Engine;
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
}

/**
 * Restores a backup of a store, as {@link restoreSource} does. When it was validated that is recorded in the store: the
 * backup is proven.
 *
 * @throws {SeakeepError} as `restoreSource`, and `SK-STORE-*`, `SK-BACKUP-009` to `-012`. Damage is a result.
 */
export async function restore(
  { store, tool, ...parts }: RestoreParts & { readonly store: Store; readonly tool: string },
  entry: BackupEntry,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const { manifest } = entry;
  // What an earlier reading found may be mended since: every byte is verified on the way.
  if (manifest === undefined || entry.lacking.length > 0) return notRestored(entry.lacking);
  const { contents } = manifest;
  const source: Source = {
    id: manifest.id,
    fetch: () => fetchBackup(store, manifest, parts.engine.isRead, options),
    differences: (restored) => differences(contents, restored),
    ...countsOf(contents),
  };
  const result = await restoreSource(parts, source, options);
  if (!result.validated || options.prove === false) return result;
  const unproven = (why: string) => options.onWarning?.(`this backup does not count as proven: ${why}`);
  const empty = provesNothing(manifest);
  if (empty !== undefined) unproven(empty);
  else {
    await writeProof(store, entry.folder, manifest, { by: "restore", tool, seconds: result.seconds }).catch(
      (error: Error) => unproven(`the store could not be told: ${error.message}`),
    );
  }
  return result;
}

/**
 * Restores into a database that it makes, and holds that against what was dumped. The database has its name only when
 * it was validated: until then it has a temporary one. An interrupted restore takes that away again; after one that was
 * killed, the next restore on that server does.
 *
 * @throws {SeakeepError} `SK-RESTORE-*`, `SK-POSTGRES-*`. Damage is a result.
 */
export async function restoreSource(
  { engine, clock }: RestoreParts,
  source: Source,
  options: RestoreInto,
): Promise<RestoreResult> {
  const started = clock();
  const seconds = () => Math.round((clock() - started) / 100) / 10;
  await checkNewName(options.connection, options.into);
  const name = temporaryName();
  const claim = await openMaintenance(options.connection);
  try {
    await claimTemporary(claim, name);
    const { report, problems } = await restoreAndCompare(engine, source, name, options);
    if (problems.length > 0) {
      return { ...notRestored(problems, seconds()), database: await setAside(options, report.database) };
    }
    await giveName(options, report.database, source);
    const { tables, rows } = source;
    const { missingRoles } = report;
    return {
      database: options.into,
      validated: true,
      problems,
      tables,
      rows,
      seconds: seconds(),
      missingRoles,
    };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof Damage) return notRestored([error.message], seconds());
    throw error;
  } finally {
    await claim.close();
  }
}

/** What a restore came to that made no database which may be used. */
export function notRestored(problems: readonly string[], seconds = 0): RestoreResult {
  return { validated: false, problems, tables: 0, rows: 0, seconds, missingRoles: [] };
}

/** How much a dump holds. */
export function countsOf({ tables }: Pick<Contents, "tables">): {
  readonly tables: number;
  readonly rows: number;
} {
  return { tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
}

/** The last line of a restored database's comment: what it was made from. */
function markOf(id: string): string {
  return `seakeep: restored from ${id} and validated`;
}

/** True when a database of that comment was made from that very backup, and validated. */
export function isMarked(comment: string | null | undefined, id: string): boolean {
  return comment?.split("\n").at(-1) === markOf(id);
}

/**
 * Asks whether a database of that name may be made.
 *
 * @throws {SeakeepError} `SK-RESTORE-006` and `-011`.
 */
export async function checkNewName(connection: Connection, name: string): Promise<void> {
  const longest = MOST_NAME_BYTES - Buffer.byteLength(unequal("", Buffer.alloc(4)));
  if (name === "" || Buffer.byteLength(name) > longest) {
    throw new SeakeepError("SK-RESTORE-006", `A database's name here has 1 to ${longest} bytes.`);
  }
  await withMaintenance(connection, async (session) => {
    if ((await findDatabase(session, name)) === undefined) return;
    throw new SeakeepError("SK-RESTORE-011", `The database "${name}" exists.`);
  });
}

/** The name of what was restored and is not what was dumped: nobody takes it away but who looks into it. */
function unequal(into: string, random: Uint8Array): string {
  return `${into}_restoring_${Buffer.from(random).toString("hex")}`;
}

async function restoreAndCompare(
  engine: Engine,
  source: Source,
  into: string,
  options: RestoreInto,
): Promise<{ report: RestoreReport; problems: readonly string[] }> {
  const { connection, signal, jobs, programs, onStep, onWarning } = options;
  const run = { signal, ...(programs !== undefined && { programs }), ...(onWarning && { onWarning }) };
  onStep?.("fetch");
  const fetched = await source.fetch();
  try {
    onStep?.("restore");
    const report = await engine.restore({
      ...{ connection, into, files: fetched },
      ...(jobs !== undefined && { jobs }),
      ...run,
    });
    try {
      onStep?.("validate");
      const restored = await engine.inspect({
        connection: withDatabase(connection, into),
        ...(jobs !== undefined && { jobs }),
        read: report.read,
        ...run,
      });
      signal.throwIfAborted();
      return { report, problems: source.differences(restored) };
    } catch (error) {
      await drop(connection, into);
      throw error;
    }
  } catch (error) {
    // Rows are loaded as they come, and damage makes nonsense of them before the hash of their part is known.
    const ofTheDump = error instanceof SeakeepError && OF_THE_DUMP.has(error.code);
    const problem = ofTheDump ? await fetched.damage() : undefined;
    throw problem === undefined ? error : new Damage(problem);
  } finally {
    await fetched.remove();
  }
}

/** Errors that say that what was dumped cannot be restored. */
const OF_THE_DUMP: ReadonlySet<string> = new Set(["SK-DUMP-002", "SK-RESTORE-015"]);

/** @returns its name */
async function setAside({ connection, into }: RestoreInto, made: string): Promise<string> {
  const name = unequal(into, randomBytes(4));
  await withMaintenance(connection, (session) =>
    session.query(`alter database ${quoted(made)} rename to ${quoted(name)}`),
  );
  return name;
}

async function giveName({ connection, into }: RestoreInto, made: string, { id }: Source): Promise<void> {
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
