import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { Damage } from "../backup/archive/damage.ts";
import { pgDump } from "../backup/engines/pg-dump/index.ts";
import { type ArchiveFile, readArchiveFile, readFileId } from "../backup/file/archive-file.ts";
import {
  countsOf,
  notRestored,
  type RestoreResult,
  restore as restoreBackup,
  restoreSource,
} from "../backup/restore.ts";
import type { Ops } from "../config/ops.ts";
import type { Connection } from "../postgres/connection.ts";
import type { Invocation } from "../verb.ts";
import { version } from "../version.ts";
import { createMeter } from "./backup/meter.ts";
import { type RestoringOptions, restoringWith, workFolderOf } from "./backup/restoring.ts";
import { chooseBackup, chooseFolder, chooseStore, type StoreVerbOptions } from "./backup/where.ts";

/** What is to be restored, as the command line names it. */
export interface RestoreSource {
  /** Names databases, and is what a restored one remembers. */
  readonly id: string;
  /** As people call it. */
  readonly title: string;
  readonly bytes: number;
  /** Why it cannot be restored: damage that is known already. */
  readonly problems: readonly string[];
  readonly tables: number;
  readonly rows: number;
  /** As of when the data is, where that is known. */
  readonly snapshotAt?: string;
  /** What a restore of it cannot show, in words. */
  readonly caveats: readonly string[];
  /** Of the document for machines. */
  readonly facts: object;
  restore(connection: Connection, into: string): Promise<RestoreResult>;
  close(): Promise<void>;
}

interface Asked extends StoreVerbOptions, RestoringOptions {
  /** Its id is all that is wanted. */
  readonly undo?: boolean;
}

/** A backup of a store by its id, or a dump by the path of its file. */
export async function chooseSource(
  options: Asked,
  ops: Ops | undefined,
  invocation: Invocation,
): Promise<RestoreSource> {
  const meant = options.operands[0]!;
  if (!(await isFile(meant, invocation))) return await backupOf(meant, options, ops, invocation);
  if (options.store !== undefined || options.service !== undefined) {
    throw new SeakeepError("SK-BACKUP-007", "A file is in no store: --store and --service have no meaning.");
  }
  return await fileAt(meant, options, invocation);
}

/** A slash is in no id; a name that looks like an id is one, whatever lies in this folder. */
async function isFile(meant: string, { cwd }: Invocation): Promise<boolean> {
  if (/[/\\]/.test(meant)) return true;
  if (/^(latest|b\d*(-.*)?)$/.test(meant)) return false;
  return await access(resolve(cwd, meant)).then(
    () => true,
    () => false,
  );
}

async function backupOf(
  meant: string,
  options: Asked,
  ops: Ops | undefined,
  invocation: Invocation,
): Promise<RestoreSource> {
  const store = await chooseStore(options, ops);
  try {
    const entry = await chooseBackup(store, chooseFolder(options, ops), meant, invocation.signal);
    const { id, bytes, lacking, finding, manifest } = entry;
    const restoring = await restoringWith(options, invocation);
    const parts = { store, engine: pgDump, tool: `seakeep ${version()}`, clock };
    return {
      ...{ id, title: id, bytes, problems: lacking, facts: {} },
      caveats: finding?.damage.map((damage) => `when it was last read: ${damage}`) ?? [],
      ...(manifest ? countsOf(manifest.contents) : NOTHING),
      ...(manifest && { snapshotAt: manifest.snapshotAt }),
      restore: (connection, into) => restoreBackup(parts, entry, { ...restoring(bytes), connection, into }),
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function fileAt(meant: string, options: Asked, invocation: Invocation): Promise<RestoreSource> {
  const { cwd, signal, output } = invocation;
  const path = resolve(cwd, meant);
  const unread = { title: meant, bytes: 0, ...NOTHING, caveats: [], close: async () => {} };
  const never = async () => notRestored([]);
  if (options.undo) {
    const id = await readFileId(path, signal);
    return { ...unread, id, problems: [], facts: {}, restore: never };
  }
  const restoring = await restoringWith(options, invocation);
  const meter = createMeter(output, clock);
  let read = 0;
  const onBytes = (bytes: number, of: number) => {
    read += bytes;
    meter("reading", read, of);
  };
  let file: ArchiveFile;
  try {
    file = await readArchiveFile(path, { workFolder: workFolderOf(options, invocation), signal, onBytes });
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { ...unread, id: "", problems: [error.message], facts: { file: path }, restore: never };
  } finally {
    output.status("");
  }
  const { source, bytes, sha256, compression } = file;
  const { id, tables, rows } = source;
  return {
    ...{ id, title: meant, bytes, problems: [], tables, rows },
    facts: { file: path, sha256, compression },
    caveats: [
      ...(tables === 0 ? ["It holds no rows at all: only definitions were restored, and counted."] : []),
      ...(compression === "gzip" ? [] : [NO_MANIFEST]),
    ],
    restore: (connection, into) =>
      restoreSource({ engine: pgDump, clock }, source, { ...restoring(bytes), connection, into }),
    close: async () => file.close(),
  };
}

/** pg_dump's gzip has a checksum of each table's rows. */
const NO_MANIFEST =
  "A file has no manifest: that it is whole was seen, and a bit that had changed within a row would not have been.";

const NOTHING = { tables: 0, rows: 0 };
const clock = () => performance.now();
