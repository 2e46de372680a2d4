import { tmpdir } from "node:os";
import type { Connection } from "../../../postgres/connection.ts";
import { type Program, startProgram } from "../../../postgres/program.ts";
import type { Programs } from "../../../postgres/programs.ts";
import { openPrivateFile } from "../../private-file.ts";
import type { ArchiveEntry } from "./archive/contents-table.ts";
import { restoreFailure } from "./failures.ts";
import { readTableOfContents } from "./table-of-contents.ts";

export interface FillOptions {
  readonly programs: Programs;
  /** The database to fill. */
  readonly connection: Connection;
  /** Restore owners and privileges. */
  readonly owners: boolean;
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
}

/** An archive, and what it says before its data. */
export interface Archive {
  readonly path: string;
  readonly entries: readonly ArchiveEntry[];
}

/** Fills an empty database with all of an archive, and with the rows that other archives of the same dump hold. */
export async function fill(archive: Archive, rows: readonly string[], options: FillOptions): Promise<void> {
  // pg_restore of everything at once makes the index of one table while it loads another.
  if (rows.length === 0) return await pgRestore(archive.path, undefined, options);
  const before = entriesBeforeData(archive.entries);
  const isData = ({ section }: ArchiveEntry) => section === "data";
  const after = archive.entries.filter((entry) => !before.has(entry) && !isData(entry));
  await pgRestore(archive.path, [...before], { ...options, jobs: 1 });
  await all([archive.path, ...rows], options, async (path, each) => {
    const { entries } = path === archive.path ? archive : await readTableOfContents(path);
    // An archive of rows also tells where the sequences of its tables stood a moment later than the first one does.
    const wanted =
      path === archive.path ? entries.filter(isData) : entries.filter(({ kind }) => kind === "TABLE DATA");
    if (wanted.length > 0) await pgRestore(path, wanted, each);
  });
  await pgRestore(archive.path, after, options);
}

/** What comes before the rows. Privileges do not: who restores may not be allowed to write where an owner may not. */
function entriesBeforeData(entries: readonly ArchiveEntry[]): ReadonlySet<ArchiveEntry> {
  const before = new Set<ArchiveEntry>();
  let section: ArchiveEntry["section"] = "pre-data";
  for (const entry of entries) {
    if (entry.section !== "none") section = entry.section;
    if (section === "pre-data" && entry.kind !== "ACL") before.add(entry);
  }
  return before;
}

/** Runs several at once and together no more than the jobs; one that fails ends the others. */
async function all(
  paths: readonly string[],
  { jobs, signal, ...options }: FillOptions,
  work: (path: string, options: FillOptions) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const each = { ...options, signal: stopped, jobs: Math.max(1, Math.floor(jobs / paths.length)) };
  const waiting = [...paths];
  const worker = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      await work(path, each).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(jobs, paths.length) }, worker));
  stopped.throwIfAborted();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** @param entries only these; default: all */
async function pgRestore(
  path: string,
  entries: readonly ArchiveEntry[] | undefined,
  { programs, connection, owners, jobs, signal }: FillOptions,
): Promise<void> {
  signal?.throwIfAborted();
  let fatal = false;
  let ignored = 0;
  const list = entries && openPrivateFile(tmpdir(), "list");
  const abort = () => program?.stop();
  let program: Program | undefined;
  try {
    await list?.write(Buffer.from(entries!.map(({ id }) => `${id};\n`).join("")));
    program = startProgram({
      path: programs.path("pg_restore"),
      args: [
        ...["--format=custom", `--dbname=${connection.database}`, `--jobs=${jobs}`, "--no-password"],
        ...(owners ? [] : ["--no-owner", "--no-privileges"]),
        ...(list ? [`--use-list=${list.path}`] : []),
        ...["--", path],
      ],
      connection: forLoading(connection),
      onError(line) {
        if (!line.startsWith("pg_restore: error: ")) return;
        if (HARMLESS.test(line)) ignored++;
        else {
          fatal = true;
          program?.stop();
        }
      },
    });
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    program.stdout.resume();
    const ending = await program.ended;
    signal?.throwIfAborted();
    // pg_restore goes on after an error and ends with 1: that counts as success only if each of them was harmless. Its
    // workers report theirs and do not count them.
    const told = Number(/errors ignored on restore: (\d+)/.exec(ending.errors)?.[1] ?? 0);
    const wellEnded = ending.code === 0 || (ending.code === 1 && told > 0 && told <= ignored);
    if (fatal || !wellEnded) throw restoreFailure("pg_restore", ending);
  } finally {
    signal?.removeEventListener("abort", abort);
    list?.remove();
  }
}

/** A setting of its own session, which pg_restore 17 sends to older servers as well. */
const HARMLESS = /unrecognized configuration parameter "transaction_timeout"/;

/**
 * Its commits need not be on disk one by one: the rename at the end waits for all of them. And the settings of the
 * database, which it has already, may say that it is for reading only.
 */
function forLoading(connection: Connection): Connection {
  const { settings } = connection;
  const loading = "-c synchronous_commit=off -c default_transaction_read_only=off";
  return {
    ...connection,
    settings: { ...settings, PGOPTIONS: `${settings.PGOPTIONS ?? ""} ${loading}`.trim() },
  };
}
