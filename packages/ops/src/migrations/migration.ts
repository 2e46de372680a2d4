import type { Session } from "../postgres/session.ts";

/** The SQL of one direction of a migration, as it is sent to Postgres. */
export interface MigrationSql {
  /** Path of the file that it stands in, or that made it. */
  readonly file: string;
  readonly text: string;
  /**
   * Where `text` begins in the file, in UTF-16 code units: 0 unless one file holds both directions. `undefined` when the
   * SQL was made by a program, so that no place in the file can be named.
   */
  readonly offset?: number;
}

/** One step of a schema's history. */
export interface Migration {
  /** Unique in its history; {@link MigrationHistory.applied} answers the same name. */
  readonly name: string;
  readonly up: MigrationSql;
  /** Absent: the author gave no way back. */
  readonly down?: MigrationSql;
  /** True when the tool runs it within one transaction. */
  readonly transaction: boolean;
}

/** The migrations of a project, in the order in which they are applied. Kinds are `nodePgMigrate(...)`, `prisma(...)` and so on. */
export interface MigrationHistory {
  /** The folder it comes from: `sql-files`, `node-pg-migrate`, `prisma`, `drizzle`, `knex`. */
  readonly kind: string;
  /** Absolute path. */
  readonly folder: string;
  /** @throws {SeakeepError} `SK-MIGRATIONS-*` when the folder or a migration cannot be read. */
  read(): Promise<readonly Migration[]>;
  /** Names that the database has recorded as applied, in order; `undefined` when it keeps no such record. */
  applied(session: Session): Promise<readonly string[] | undefined>;
  /** Takes a migration out of that record, within the session's transaction. Absent: only its tool can. */
  forget?(session: Session, name: string): Promise<void>;
  /** Puts it in again. */
  remember?(session: Session, name: string): Promise<void>;
}
