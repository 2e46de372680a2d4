import type { Connection } from "../../postgres/connection.ts";
import type { DatabaseIdentity } from "../../postgres/identity.ts";
import type { Contents, TableContents } from "../manifest.ts";

/** What every call of an engine takes. */
interface Run {
  /** Folder of the database's own programs; default: found on PATH and where distributions keep them. */
  readonly programs?: string;
  /** Ends the call, and every process it started, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** One line for people: what was odd and yet no failure. Free of secrets. */
  readonly onWarning?: (text: string) => void;
}

export interface DumpOptions extends Run {
  readonly connection: Connection;
  /** Milliseconds to wait for a table that somebody holds locked, before the dump fails. Default 60 000. */
  readonly lockTimeout?: number;
  /** Bytes on disk from which the rows of a table go into files beside the others. Default 8 MiB. */
  readonly largeTable?: number;
}

export interface RestoreOptions extends Run {
  /** The server to restore to, and as whom; its database is only what to connect to first. */
  readonly connection: Connection;
  /** The database to create. Refused when it exists and holds anything. */
  readonly into: string;
  readonly files: StoredDump;
  /** Parallel workers. Default: the processors of this machine, at most 8. */
  readonly jobs?: number;
  /** Collect statistics afterwards, so that the first queries are planned well. Default true. */
  readonly analyze?: boolean;
}

/** The files of a dump, to be restored. */
export interface StoredDump {
  readonly names: readonly string[];
  /** The path of a file on this machine that holds it, whole and verified. Not changed, not removed. */
  path(name: string): string;
  /** What a file holds, as it comes, in bytes that are lent. They may be trusted once it has ended without an error. */
  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface RestoreReport {
  readonly database: string;
  /** False: the server lacks roles of the backup, so that everything belongs to who restored it. */
  readonly owners: boolean;
  /** Roles that the server lacks. */
  readonly missingRoles: readonly string[];
  /** Tables that were read back on the way, for {@link InspectOptions.read}. */
  readonly read: readonly TableContents[];
}

export interface InspectOptions extends Run {
  readonly connection: Connection;
  /** Parallel readers. Default: the processors of this machine, at most 8. */
  readonly jobs?: number;
  /** What was read of it already, and need not be again. */
  readonly read?: readonly TableContents[];
}

/** One stream of a dump, stored as one object. */
export interface DumpFile {
  /** `archive.dump`, `globals.sql`: part of the object's key. */
  readonly name: string;
  /** Its bytes are lent: they may change when the next are asked for. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A dump in progress. */
export interface Dump {
  readonly database: DatabaseIdentity;
  /** Time of the snapshot by the database's clock; everything in the dump is as of then. */
  readonly snapshotAt: Date;
  /** Bytes expected, for progress; an estimate. */
  readonly estimatedBytes: number;
  /** Each is to be read exactly once; several may be at once, and in any order. */
  readonly files: readonly DumpFile[];
  /**
   * What the files hold, known once every body was read to its end and the dumping process has exited with success.
   * Rejects otherwise: a body that merely ended proves nothing. Waits as long as a body is still to be read.
   */
  contents(): Promise<Contents>;
  /** Ends processes, the snapshot and its connection. Safe at any time, more than once. */
  close(): Promise<void>;
}

/** A way to dump and restore a database; its duties are in README.md. */
export interface Engine {
  /** As the manifest names it. */
  readonly name: string;
  dump(options: DumpOptions): Promise<Dump>;
  /** True of files that a restore takes as they come, and needs no copy of on this machine: {@link StoredDump.read}. */
  isRead(name: string): boolean;
  /** All or nothing: on failure, what it created is gone and nothing else was touched. */
  restore(options: RestoreOptions): Promise<RestoreReport>;
  /** Reads the contents of a restored database in the same terms as the dump's, to be compared. */
  inspect(options: InspectOptions): Promise<Contents>;
}
