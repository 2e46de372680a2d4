import { SeakeepError } from "@seakeep/contract";
import { type BackupEntry, readCatalog } from "../../backup/catalog.ts";
import { scratchServer } from "../../backup/drill/server.ts";
import { pgDump } from "../../backup/engines/pg-dump/index.ts";
import { restore } from "../../backup/restore.ts";
import type { Store } from "../../backup/stores/store.ts";
import type { Ops } from "../../config/ops.ts";
import type { Migration, MigrationHistory } from "../../migrations/migration.ts";
import { type Bench, WORK } from "../../migrations/prove/bench.ts";
import { buildSchema } from "../../migrations/prove/build.ts";
import { databasesOf, withSession } from "../../migrations/prove/databases.ts";
import { usualOwner } from "../../migrations/prove/run.ts";
import type { Connection } from "../../postgres/connection.ts";
import { findPrograms } from "../../postgres/programs.ts";
import { startScratchServer } from "../../postgres/scratch/scratch-server.ts";
import { findServer } from "../../postgres/scratch/server-programs.ts";
import type { WorkFolder } from "../../postgres/scratch/work-folder.ts";
import type { Invocation } from "../../verb.ts";
import { version } from "../../version.ts";
import { restoringWith } from "../backup/restoring.ts";
import { chooseBackup, chooseConnection, chooseFolder, chooseStore } from "../backup/where.ts";
import { type Pending, pendingAfter, pendingOf } from "./pending.ts";
import type { ProveVerbOptions } from "./prove.ts";

/** What a run of the verb knows. */
interface Asked {
  readonly options: ProveVerbOptions;
  readonly ops: Ops;
  readonly history: MigrationHistory;
  /** The whole history, in order. */
  readonly all: readonly Migration[];
  readonly work: WorkFolder;
  readonly invocation: Invocation;
}

/** A scratch server whose work database is as production is, and what is to be proven on it. */
interface OpenBench {
  readonly bench: Omit<Bench, "oldCode" | "statementTimeout">;
  readonly pending: readonly Migration[];
}

/** Major version to use when nothing says which one production has: the oldest that is supported, or the next one here. */
const OLDEST = 14;

/**
 * Fills a scratch database from a backup, else from the migrations that production has and rows that are made up.
 *
 * @throws {SeakeepError} `SK-PROVE-002`, `-003`, `-005`; `SK-DRILL-*`, `SK-STORE-*`, `SK-RESTORE-*`.
 */
export async function openBench(asked: Asked): Promise<OpenBench> {
  const { options, ops } = asked;
  const { sample, all, backup, store } = options;
  if (backup !== undefined && (sample || all)) {
    throw new SeakeepError(
      "SK-PROVE-005",
      `--backup and ${sample ? "--sample" : "--all"} contradict each other.`,
    );
  }
  if (all && options.since !== undefined) {
    throw new SeakeepError("SK-PROVE-005", "--all and --since contradict each other.");
  }
  if (sample || all || (store === undefined && backup === undefined && ops.backup === undefined)) {
    return await fromSample(asked);
  }
  const opened = await chooseStore(options, ops);
  try {
    const entry = await chooseEntry(opened, asked);
    if (entry !== undefined) return await fromBackup(opened, entry, asked);
  } finally {
    await opened.close();
  }
  asked.invocation.output.note("The store holds no sound backup: the rows are made up.");
  return await fromSample(asked);
}

/** The newest that is proven, else the newest that may be sound; restoring it tells. */
async function chooseEntry(
  store: Store,
  { options, ops, invocation }: Asked,
): Promise<BackupEntry | undefined> {
  const folder = chooseFolder(options, ops);
  if (options.backup !== undefined)
    return await chooseBackup(store, folder, options.backup, invocation.signal);
  const { backups } = await readCatalog(store, folder, invocation.signal);
  return (
    backups.findLast(({ state }) => state === "proven") ??
    backups.findLast(({ state }) => state === "complete")
  );
}

async function fromBackup(store: Store, entry: BackupEntry, asked: Asked): Promise<OpenBench> {
  const { options, invocation, work, all, history } = asked;
  const { output, signal } = invocation;
  if (entry.manifest === undefined) throw notSound(entry.id, entry.problems);
  output.status("starting a server");
  const { connection, version: server } = await scratchServer(entry.manifest, work, signal);
  const restoring = await restoringWith(options, invocation);
  const parts = { store, engine: pgDump, tool: `seakeep ${version()}`, clock: () => performance.now() };
  const how = { ...restoring(entry.bytes), workFolder: work.path, connection, into: WORK, prove: false };
  const { validated, problems } = await restore(parts, entry, how);
  if (!validated) throw notSound(entry.id, problems);
  const databases = databasesOf(connection);
  const { applied, role } = await withSession(databases.connection(WORK), async (session) => ({
    applied: await history.applied(session),
    role: await usualOwner(session),
  }));
  const { pending } = applied === undefined ? pendingAfter(all, options) : pendingOf(all, applied);
  return { bench: await benchOn(connection, { server, data: entry.id, role, signal }), pending };
}

function notSound(id: string, problems: readonly string[]): SeakeepError {
  return new SeakeepError(
    "SK-RESTORE-015",
    `${id} cannot be restored: ${problems[0] ?? "its manifest is damaged"}.`,
    {
      fix: "Name another one with --backup, or prove on made-up rows with --sample.",
    },
  );
}

async function fromSample(asked: Asked): Promise<OpenBench> {
  const { work, invocation } = asked;
  const { output, signal } = invocation;
  const { earlier, pending, major } = await pendingOnRecord(asked);
  output.status("starting a server");
  const connection = await startScratchServer(await findServer(major), work, signal);
  const databases = databasesOf(connection);
  output.status("building the schema");
  await buildSchema(databases, earlier, pending, signal);
  const server = await withSession(connection, async (session) => session.version);
  return { bench: await benchOn(connection, { server, data: "sample", signal }), pending };
}

/** What production has: as the command line says, else as its database has recorded. */
async function pendingOnRecord({
  options,
  ops,
  all,
  history,
  invocation,
}: Asked): Promise<Pending & { major: number }> {
  if (options.all || options.since !== undefined) return { ...pendingAfter(all, options), major: OLDEST };
  const connection = await chooseConnection(undefined, ops, invocation).catch((error: unknown) => {
    if (error instanceof SeakeepError && error.code === "SK-BACKUP-002") return undefined;
    throw error;
  });
  if (connection === undefined) return { ...pendingAfter(all, options), major: OLDEST };
  return await withSession(connection, async (session) => {
    await session.query("set default_transaction_read_only = on");
    const applied = await history.applied(session);
    const found = applied === undefined ? pendingAfter(all, options) : pendingOf(all, applied);
    return { ...found, major: Math.floor(session.version / 10_000) };
  });
}

async function benchOn(
  connection: Connection,
  { server, ...rest }: { server: number; data: string; role?: string | undefined; signal: AbortSignal },
): Promise<OpenBench["bench"]> {
  const programs = await findPrograms(Math.floor(server / 10_000));
  return { databases: databasesOf(connection), programs, server, ...rest };
}
