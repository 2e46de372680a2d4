import { SeakeepError } from "@seakeep/contract";
import Database from "libsql";
import { DamagedBytes } from "./codec/bytes.ts";

/** An open file. */
export type Connection = Database.Database;

/** A prepared statement. */
export type Statement = Database.Statement;

/** "Seak" in ASCII: nobody else's SQLite file is taken for one of ours. */
const APPLICATION = 0x5365616b;

/** Of the tables below. A change of them is a number more, and a step that brings older files along. */
const VERSION = 1;

const TABLES = `
  create table target (
    id integer primary key, job text not null, instance text not null, labels text not null, unique (job, instance)
  );
  create table series (
    id integer primary key, target integer not null, metric text not null, labels text not null,
    seen integer not null, unique (metric, target, labels)
  );
  create index series_target on series (target, seen);
  create table layout (id integer primary key, target integer not null, series blob not null);
  create table scrape (
    target integer not null, time integer not null, layout integer not null, samples blob not null,
    primary key (target, time)
  ) without rowid;
  create table block (
    id integer primary key, target integer not null, first integer not null, last integer not null, times blob not null
  );
  create index block_target on block (target, last);
  create table chunk (
    series integer not null, block integer not null, samples blob not null, primary key (series, block)
  ) without rowid;
  pragma application_id = ${APPLICATION};
  pragma user_version = ${VERSION};
`;

/** How long to wait for another process that writes, milliseconds: a write takes a fraction of it. */
const PATIENCE = 5_000;

/** Opens a file for writing; makes its tables when it is empty. */
export function openForWriting(path: string): Connection {
  const database = new Database(path, { timeout: PATIENCE });
  try {
    database.pragma("journal_mode = WAL");
    // Survives every death of this process; a power cut may take the last scrapes, never the file.
    database.pragma("synchronous = NORMAL");
    if (number(database, "application_id") === 0 && isEmpty(database)) {
      database.transaction(() => database.exec(TABLES)).immediate();
    }
    checkKind(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens a file for reading: one moment of it, for as long as it is open. */
export function openForReading(path: string): Connection {
  const database = new Database(path, { timeout: PATIENCE });
  try {
    // The library's own `readonly` lets writes through.
    database.pragma("query_only = 1");
    checkKind(database, path);
    database.exec("begin");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkKind(database: Connection, path: string): void {
  if (number(database, "application_id") !== APPLICATION) {
    throw new SeakeepError("SK-SIGNALS-010", `${path} is not a file of signals.`);
  }
  const version = number(database, "user_version");
  if (version !== VERSION) {
    throw new SeakeepError("SK-SIGNALS-010", `${path} has format ${version}; this Seakeep knows ${VERSION}.`);
  }
}

function number(database: Connection, pragma: string): number {
  const [row] = database.pragma(pragma) as Record<string, number>[];
  return row?.[pragma] ?? 0;
}

function isEmpty(database: Connection): boolean {
  return rows(database, "select name from sqlite_master limit 1").length === 0;
}

/** The rows of a query, each a list of its columns. */
export function rows(database: Connection, sql: string, ...parameters: unknown[]): unknown[][] {
  return database
    .prepare(sql)
    .raw()
    .all(...parameters) as unknown[][];
}

const DAMAGE = ["SQLITE_CORRUPT", "SQLITE_NOTADB"];

/** True when an error says that the file is no longer what was written. */
export function isDamage(error: unknown): boolean {
  return error instanceof DamagedBytes || DAMAGE.some((code) => codeOf(error).startsWith(code));
}

/** What an error of the file means to who reads or writes it; every other error as it is. */
export function failureOf(error: unknown, path: string): unknown {
  if (error instanceof SeakeepError) return error;
  const code = codeOf(error);
  if (isDamage(error)) {
    return new SeakeepError("SK-SIGNALS-009", `${path} is damaged.`, { cause: error });
  }
  if (code.startsWith("SQLITE_") || /unable to open/i.test(error instanceof Error ? error.message : "")) {
    const what = `${path} could not be used: ${code.startsWith("SQLITE_") ? code : "it cannot be opened"}.`;
    return new SeakeepError("SK-SIGNALS-013", what, { cause: error });
  }
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
