import { tmpdir } from "node:os";
import type { Connection } from "../../../postgres/connection.ts";
import { type Program, startProgram } from "../../../postgres/program.ts";
import type { Programs } from "../../../postgres/programs.ts";
import { openPrivateFile } from "../../private-file.ts";
import type { ArchiveEntry } from "./archive/contents-table.ts";
import { restoreFailure } from "./failures.ts";

/** Into which database pg_restore restores, and how. */
export interface PgRestoreOptions {
  readonly programs: Programs;
  /** The database to fill. */
  readonly connection: Connection;
  /** Restore owners and privileges. */
  readonly owners: boolean;
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs pg_restore. The first error that matters ends it.
 *
 * @param entries only these; default: all
 * @throws {SeakeepError} `SK-RESTORE-015`, `-018` and such as its words mean
 */
export async function pgRestore(
  path: string,
  entries: readonly ArchiveEntry[] | undefined,
  { programs, connection, owners, jobs, signal }: PgRestoreOptions,
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
export function forLoading(connection: Connection): Connection {
  const { settings } = connection;
  const loading = "-c synchronous_commit=off -c default_transaction_read_only=off";
  return {
    ...connection,
    settings: { ...settings, PGOPTIONS: `${settings.PGOPTIONS ?? ""} ${loading}`.trim() },
  };
}
