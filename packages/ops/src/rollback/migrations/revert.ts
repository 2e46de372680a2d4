import { SeakeepError } from "@seakeep/contract";
import type { Migration, MigrationHistory } from "../../migrations/migration.ts";
import type { ProvenMigration } from "../../migrations/proof.ts";
import type { Connection } from "../../postgres/connection.ts";
import { openSession, type Session } from "../../postgres/session.ts";
import { readDrops } from "./drops.ts";
import { countHeld, relationsOf } from "./held.ts";

/** How long a statement waits for a lock before it gives up: the service waits behind it. */
const LOCK_TIMEOUT = 5_000;

export interface RevertOptions {
  readonly connection: Connection;
  readonly history: MigrationHistory;
  readonly migration: Migration;
  /** What is proven of this very text. */
  readonly proof: ProvenMigration | undefined;
}

/** True when it is recorded as applied. */
export async function isApplied({ connection, history, migration }: RevertOptions): Promise<boolean> {
  return withSession(connection, async (session) =>
    (await appliedOf(session, history)).includes(migration.name),
  );
}

/**
 * Takes the newest migration back by its proven down SQL, and its record with it: in one transaction that ends with nothing
 * changed when what would be dropped holds anything.
 *
 * @returns false when it was not applied to begin with
 * @throws {SeakeepError} `SK-ROLLBACK-007`.
 */
export async function revert({ connection, history, migration, proof }: RevertOptions): Promise<boolean> {
  const { name, down, transaction } = migration;
  if (down === undefined) throw refused(name, "it has no down SQL");
  if (!transaction) throw refused(name, "it does not run in one transaction");
  if (proof === undefined) throw refused(name, "this very text is not proven");
  if (proof.facts.downRestores !== "yes") throw refused(name, "its down SQL is not proven to restore");
  const drops = await readDrops(down.text);
  if (drops === undefined)
    throw refused(name, "what its down SQL takes away cannot be seen without running it");
  return withSession(connection, async (session) => {
    const applied = await appliedOf(session, history);
    if (!applied.includes(name)) return false;
    if (applied.at(-1) !== name) throw refused(name, `${applied.at(-1)} was applied after it`);
    return transact(session, async () => {
      // Locked before it is counted: nothing is written in between.
      for (const relation of relationsOf(drops)) {
        const [found] = await session.query<{ there: boolean }>(
          "select to_regclass($1) is not null as there",
          [relation],
        );
        if (found?.there) await session.query(`lock table ${relation} in access exclusive mode`);
      }
      const held = (await countHeld(session, drops)).filter(({ rows }) => rows > 0);
      if (held.length > 0) throw refused(name, `it would drop ${heldText(held)}`);
      await session.query(down.text);
      await record(session, history, name, "forget");
      return true;
    });
  });
}

/**
 * Applies a migration again that was taken back, and records it.
 *
 * @returns false when it is applied already
 * @throws {SeakeepError} `SK-ROLLBACK-007`.
 */
export async function reapply({ connection, history, migration }: RevertOptions): Promise<boolean> {
  const { name, up, transaction } = migration;
  if (!transaction) throw refused(name, "it does not run in one transaction");
  return withSession(connection, async (session) => {
    if ((await appliedOf(session, history)).includes(name)) return false;
    return transact(session, async () => {
      await session.query(up.text);
      await record(session, history, name, "remember");
      return true;
    });
  });
}

/** `12 values of courses.rating, 3 values of ratings`. */
export function heldText(held: readonly { readonly what: string; readonly rows: number }[]): string {
  return held
    .map(({ what, rows }) => `${what}, which holds something in ${rows} row${rows === 1 ? "" : "s"}`)
    .join("; ");
}

async function record(
  session: Session,
  history: MigrationHistory,
  name: string,
  how: "forget" | "remember",
): Promise<void> {
  await session.query("set local search_path = pg_catalog");
  if (history[how] === undefined)
    throw refused(name, `the record of ${history.kind} cannot be changed from here`);
  await history[how](session, name);
  const is = (await appliedOf(session, history)).includes(name);
  if (is !== (how === "remember")) throw refused(name, "its record did not change");
}

async function appliedOf(session: Session, history: MigrationHistory): Promise<readonly string[]> {
  const applied = await history.applied(session);
  if (applied !== undefined) return applied;
  throw new SeakeepError("SK-ROLLBACK-007", "The database keeps no record of which migrations are applied.", {
    fix: "Configure `rollback.migrate`, so that the project's own tool takes them back.",
  });
}

async function transact<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.query("begin");
  try {
    // As the application resolves names, not as Seakeep's own sessions do.
    await session.query("reset search_path");
    await session.query(`set local lock_timeout = ${LOCK_TIMEOUT}`);
    const done = await work();
    await session.query("commit");
    return done;
  } catch (error) {
    await session.query("rollback").catch(() => {});
    throw error;
  }
}

async function withSession<T>(connection: Connection, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(connection);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

function refused(name: string, why: string): SeakeepError {
  return new SeakeepError("SK-ROLLBACK-007", `${name} cannot be taken back here: ${why}.`);
}
