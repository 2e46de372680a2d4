import { SeakeepError } from "@seakeep/contract";
import { type Connection, withDatabase } from "../../../postgres/connection.ts";
import { startProgram } from "../../../postgres/program.ts";
import { findPrograms, type Programs } from "../../../postgres/programs.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import { openSession, type Session } from "../../../postgres/session.ts";
import {
  createTemporary,
  dropTemporary,
  sweepTemporary,
  temporaryName,
} from "../../../postgres/temporary.ts";
import type { RestoreOptions, RestoreReport } from "../engine.ts";
import { type DatabaseStatements, databaseStatements } from "./database-statements.ts";
import { ARCHIVE } from "./dump.ts";
import { restoreFailure } from "./failures.ts";
import { defaultJobs } from "./jobs.ts";
import { checkTarget } from "./preflight.ts";
import { majorOf, readTableOfContents } from "./table-of-contents.ts";

/**
 * Restores an archive into a database of its own making, under a name of its own, and gives it the wanted name at last.
 * Whatever happens before, only that database is dropped.
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { connection, into, files, signal, onWarning } = options;
  const path = files[ARCHIVE];
  if (path === undefined) throw new SeakeepError("SK-DUMP-002", `The backup has no ${ARCHIVE}.`);
  const { header, entries } = await readTableOfContents(path);
  const programs = await findPrograms(majorOf(header.program), options.programs);
  const session = await openSession(connection);
  try {
    const { owners, missingRoles } = await checkTarget(session, { into, header, entries });
    if (!owners) {
      onWarning?.(
        `The server lacks ${missingRoles.join(", ")}, or you may not act as them: everything will belong to you and nothing is granted to anybody. With the roles of globals.sql made first, owners and privileges are restored too.`,
      );
    }
    const name = temporaryName();
    const database = databaseStatements(entries, name);
    signal?.throwIfAborted();
    await sweepTemporary(session);
    const owner = owners && database.owner !== undefined ? `owner ${quoteIdentifier(database.owner)} ` : "";
    await createTemporary(session, name, `${owner}${database.options}`);
    try {
      const target = withDatabase(connection, name);
      // First, because views are filled under them.
      await describeDatabase(session, database, owners, onWarning);
      await fill(programs, path, target, { ...options, owners });
      if (options.analyze !== false) await analyze(target, signal);
      signal?.throwIfAborted();
      await session.query(`alter database ${quoteIdentifier(name)} rename to ${quoteIdentifier(into)}`);
    } catch (error) {
      await dropTemporary(session, name, connection, onWarning);
      throw error;
    }
    return { database: into, owners, missingRoles };
  } finally {
    await session.close();
  }
}

async function fill(
  programs: Programs,
  path: string,
  connection: Connection,
  { owners, jobs = defaultJobs(), signal }: RestoreOptions & { readonly owners: boolean },
): Promise<void> {
  let fatal = false;
  let ignored = 0;
  const program = startProgram({
    path: programs.path("pg_restore"),
    args: [
      ...["--format=custom", `--dbname=${connection.database}`, `--jobs=${jobs}`, "--no-password"],
      ...(owners ? [] : ["--no-owner", "--no-privileges"]),
      ...["--", path],
    ],
    connection: forLoading(connection),
    onError(line) {
      if (!line.startsWith("pg_restore: error: ")) return;
      if (HARMLESS.test(line)) ignored++;
      else {
        fatal = true;
        program.stop();
      }
    },
  });
  const abort = () => program.stop();
  signal?.addEventListener("abort", abort, { once: true });
  try {
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

async function analyze(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const session = await openSession(connection);
  const abort = () => void session.close();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await session.query("analyze");
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    await session.close();
  }
}

/** Settings are worth a warning when only a superuser may make them; privileges must be as they were. */
async function describeDatabase(
  session: Session,
  { settings, privileges, left }: DatabaseStatements,
  owners: boolean,
  onWarning?: (text: string) => void,
): Promise<void> {
  for (const statement of settings) {
    await session
      .query(statement)
      .catch((error: Error) => onWarning?.(`A setting of the database was not restored: ${error.message}`));
  }
  if (owners) for (const statement of privileges) await session.query(statement);
  for (const line of left) onWarning?.(`Not restored, for it names the database that was dumped: ${line}`);
}
