import { SeakeepError } from "@seakeep/contract";
import { withDatabase } from "../../../postgres/connection.ts";
import { findPrograms } from "../../../postgres/programs.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import { openSession, type Session } from "../../../postgres/session.ts";
import {
  createTemporary,
  dropTemporary,
  sweepTemporary,
  temporaryName,
} from "../../../postgres/temporary.ts";
import type { RestoreOptions, RestoreReport } from "../engine.ts";
import { analyze } from "./analyze.ts";
import { type DatabaseStatements, databaseStatements } from "./database-statements.ts";
import { ARCHIVE, GLOBALS, isRows } from "./dump.ts";
import { fill } from "./fill.ts";
import { defaultJobs } from "./jobs.ts";
import { forLoading } from "./pg-restore.ts";
import { checkTarget } from "./preflight.ts";
import { majorOf, readTableOfContents } from "./table-of-contents.ts";

/**
 * Restores an archive into a database of its own making, under a name of its own, and gives it the wanted name at last.
 * Whatever happens before, only that database is dropped.
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { connection, into, files, signal, onWarning, jobs = defaultJobs() } = options;
  checkFiles(files.names);
  const path = files.path(ARCHIVE);
  const { header, entries } = await readTableOfContents(path);
  const session = await openSession(connection);
  try {
    const { owners, missingRoles } = await checkTarget(session, { into, header, entries });
    // What was restored is read again, by a pg_dump that must know this server: better told before than after.
    const newest = Math.max(majorOf(header.program), Math.floor(session.version / 10_000));
    const programs = await findPrograms(newest, options.programs);
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
      const rows = files.names
        .filter(isRows)
        .map((file) => (stopped: AbortSignal) => files.read(file, stopped));
      const read = await fill({ path, entries }, rows, {
        programs,
        connection: target,
        owners,
        jobs,
        signal,
      });
      if (options.analyze !== false) await analyze(forLoading(target), jobs, signal);
      signal?.throwIfAborted();
      await session.query(`alter database ${quoteIdentifier(name)} rename to ${quoteIdentifier(into)}`);
      return { database: into, owners, missingRoles, read };
    } catch (error) {
      await dropTemporary(session, name, connection, onWarning);
      throw error;
    }
  } finally {
    await session.close();
  }
}

/** What is not known is not left out: it may well be rows. */
function checkFiles(names: readonly string[]): void {
  if (!names.includes(ARCHIVE)) throw new SeakeepError("SK-DUMP-002", `The backup has no ${ARCHIVE}.`);
  const unknown = names.filter((name) => name !== ARCHIVE && name !== GLOBALS && !isRows(name));
  if (unknown.length === 0) return;
  throw new SeakeepError("SK-DUMP-002", `Nobody knows here what ${unknown.join(", ")} of the backup is.`);
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
