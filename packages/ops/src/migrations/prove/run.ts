import type { Session } from "../../postgres/session.ts";
import type { Migration } from "../migration.ts";
import { type Bench, WORK } from "./bench.ts";
import { withSession } from "./databases.ts";
import { type MigrationReport, prove } from "./prove.ts";
import { fillSample, type Unfilled } from "./sample/fill.ts";

/** What a run found. */
export interface ProofReport {
  /** What the scratch database was filled from: the id of a backup, or `sample`. */
  readonly data: string;
  /** `server_version_num` of the scratch server. */
  readonly server: number;
  /** Those that were tried, in order. */
  readonly migrations: readonly MigrationReport[];
  /** Names of those that come after one that could not be applied. */
  readonly untried: readonly string[];
  /** What of a sample could not be made. */
  readonly unfilled: readonly Unfilled[];
}

export interface RunOptions {
  /** Rows to make for each table that is empty; absent: the data is what it is. */
  readonly sampleRows?: number | undefined;
  /** A migration begins. */
  readonly onMigration?: (name: string) => void;
}

/** Proves migrations one after the other on the work database, and ends where one cannot be applied. */
export async function proveAll(
  bench: Bench,
  pending: readonly Migration[],
  { sampleRows, onMigration }: RunOptions,
): Promise<ProofReport> {
  const work = bench.databases.connection(WORK);
  const migrations: MigrationReport[] = [];
  const unfilled = new Map<string, Unfilled>();
  for (const migration of pending) {
    bench.signal.throwIfAborted();
    onMigration?.(migration.name);
    if (sampleRows !== undefined) {
      for (const one of await withSession(work, (session) => fillSample(session, sampleRows))) {
        unfilled.set(`${one.table} ${one.column ?? ""}`, one);
      }
    }
    const report = await prove(bench, migration);
    migrations.push(report);
    if (report.proof === undefined) break;
  }
  return {
    data: bench.data,
    server: bench.server,
    migrations,
    untried: pending.slice(migrations.length).map(({ name }) => name),
    unfilled: [...unfilled.values()],
  };
}

/** The role that owns most of what is there, so that what a migration makes belongs to whom it would belong. */
export async function usualOwner(session: Session): Promise<string | undefined> {
  const [row] = await session.query<{ role: string }>(
    `select pg_get_userbyid(relowner)::text as role from pg_class
     where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
     group by relowner order by count(*) desc, relowner limit 1`,
  );
  return row?.role;
}
