import { setTimeout as sleep } from "node:timers/promises";
import { SeakeepError } from "@seakeep/contract";
import type { Connection } from "../../postgres/connection.ts";
import type { Session } from "../../postgres/session.ts";
import { carryOver } from "./carry-over.ts";
import { findDatabase, openMaintenance, quoted } from "./maintenance.ts";

/** Milliseconds between two looks at who is still connected. */
const PAUSE = 100;

export interface SwapOptions {
  /** The name that applications use. */
  readonly name: string;
  /** The database that takes the name. */
  readonly incoming: string;
  /** What the database that has the name now is called from then on. */
  readonly kept: string;
  /** Milliseconds to let statements under way end by themselves before their sessions are ended. */
  readonly drain: number;
  /** Give the incoming database the owner, privileges and settings that belong to the name. */
  readonly carry: boolean;
  readonly signal: AbortSignal;
}

/**
 * Exchanges two databases by renaming both in one transaction: applications see the one or the other, and a crash at any
 * moment leaves everything as it was. Nothing is ever without a name or closed to connections.
 *
 * Postgres renames no database that somebody is connected to. Its `rename` keeps new sessions out and then waits for the
 * old ones to go, so a second session ends those meanwhile; in any other order a busy pool would always be back in time.
 *
 * @throws {SeakeepError} `SK-RESTORE-003` to `-005`; then nothing has changed.
 */
export async function swap(connection: Connection, options: SwapOptions): Promise<void> {
  const { name, incoming, kept, drain, carry, signal } = options;
  const session = await openMaintenance(connection);
  const helper = await openMaintenance(connection).catch(async (error: unknown) => {
    await session.close();
    throw error;
  });
  try {
    const oids = await preflight(session, options);
    await waitUntilIdle(session, oids.name, drain, signal);
    await session.query("begin");
    // Another client that holds one of them by DDL must not stop the whole service behind us.
    await session.query("set local lock_timeout = '10s'");
    if (carry) await carryOver(session, name, incoming);
    signal.throwIfAborted();
    await rename({ session, helper }, name, kept, oids.name);
    await rename({ session, helper }, incoming, name, oids.incoming);
    await session.query("commit");
  } catch (error) {
    await session.query("rollback").catch(() => {});
    throw error;
  } finally {
    await Promise.all([session.close(), helper.close()]);
  }
}

async function preflight(
  session: Session,
  { name, incoming, kept }: SwapOptions,
): Promise<{ name: string; incoming: string }> {
  const found = await findDatabase(session, name);
  const ready = await findDatabase(session, incoming);
  for (const [wanted, database] of [
    [name, found],
    [incoming, ready],
  ] as const) {
    if (database === undefined) {
      throw new SeakeepError("SK-RESTORE-003", `There is no database "${wanted}" on this server.`);
    }
  }
  await checkKeptName(session, kept);
  return { name: found!.oid, incoming: ready!.oid };
}

/**
 * Asks whether the name that the old database is to be kept under is free.
 *
 * @throws {SeakeepError} `SK-RESTORE-004`.
 */
export async function checkKeptName(session: Session, kept: string): Promise<void> {
  if ((await findDatabase(session, kept)) === undefined) return;
  throw new SeakeepError("SK-RESTORE-004", `The database "${kept}" exists already.`);
}

/** Gives statements and transactions under way a chance to end; who is idle is not waited for. */
async function waitUntilIdle(
  session: Session,
  oid: string,
  drain: number,
  signal: AbortSignal,
): Promise<void> {
  for (let waited = 0; waited < drain; waited += PAUSE) {
    const busy = await session.query(
      `select 1 from pg_stat_activity where datid = $1 and pid <> pg_backend_pid()
       and backend_type = 'client backend' and state <> 'idle' limit 1`,
      [oid],
    );
    if (busy.length === 0) return;
    await sleep(PAUSE, undefined, { signal });
  }
}

async function rename(
  { session, helper }: { readonly session: Session; readonly helper: Session },
  from: string,
  to: string,
  oid: string,
): Promise<void> {
  let done = false;
  const renamed = session.query(`alter database ${quoted(from)} rename to ${quoted(to)}`).finally(() => {
    done = true;
  });
  const ended = (async () => {
    while (!done) {
      await helper.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datid = $1 and pid <> pg_backend_pid()",
        [oid],
      );
      await sleep(PAUSE / 4);
    }
  })();
  // The rename's own failure tells more than that a session could not be ended.
  const [result, ending] = await Promise.allSettled([renamed, ended]);
  if (result.status === "fulfilled") return;
  if (/being accessed by other users|prepared transaction/.test(String(result.reason))) {
    const cause = ending.status === "rejected" ? ending.reason : result.reason;
    throw new SeakeepError("SK-RESTORE-005", `The sessions of "${from}" could not all be ended.`, { cause });
  }
  throw result.reason;
}
