import type { Connection } from "../../postgres/connection.ts";
import { rejection } from "../../postgres/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { observe } from "./alone.ts";
import { type ClientOptions, openClient } from "./client.ts";
import { readFacts } from "./facts.ts";
import { type LockMode, lockMode, stronger } from "./lock-mode.ts";
import { byName, type Relation, type RelationName, readRelations } from "./relations.ts";
import { nameOf, type StorageChanges, storageChanges } from "./storage.ts";
import { type VisibleChange, visibleChanges } from "./visible.ts";

/** A lock on a relation that others could see when the statement began. */
export interface TracedLock {
  readonly relation: RelationName;
  readonly mode: LockMode;
}

/** What Postgres did for one statement. Of relations that it made itself, nothing is told: nobody else saw them. */
export interface Trace extends StorageChanges {
  /** False: Postgres refuses it within a transaction, and it ran without one. */
  readonly transactional: boolean;
  /** The strongest on each relation. A lock is held until the transaction ends. */
  readonly locks: readonly TracedLock[];
  /** True: it waited until every transaction under way had ended, while it blocked nobody. */
  readonly waits: boolean;
  /** What a statement written for the schema before can notice. */
  readonly visible: readonly VisibleChange[];
  /** Milliseconds from sending it to its answer. */
  readonly milliseconds: number;
}

/** Runs statements in one session, as a migration tool would, and tells what each of them did. */
export interface Tracer {
  readonly session: Session;
  /**
   * Runs one statement: within the transaction that the session has open, else in one of its own, else, where Postgres
   * refuses that, in none.
   *
   * @param keep false: take it back afterwards; not possible without a transaction
   * @throws {SeakeepError} whatever the statement raises; a transaction of its own is then rolled back.
   */
  trace(statement: string, keep?: boolean): Promise<Trace>;
  close(): Promise<void>;
}

/** States of a server that says: not within a transaction block. */
const ALONE: ReadonlySet<string> = new Set(["25001", "2D000"]);

/** Connects as an application would, for statements that are to be traced. */
export async function openTracer(connection: Connection, options: ClientOptions = {}): Promise<Tracer> {
  const session = await openClient(connection, options);
  let open: Open = { transaction: undefined, known: new Set() };
  const enter = async () => {
    const transaction = await transactionOf(session);
    if (transaction !== open.transaction) open = { transaction, known: await known(session) };
    return transaction === undefined ? undefined : open.known;
  };
  return {
    session,
    async trace(statement, keep = true) {
      const there = await enter();
      if (there !== undefined) return await within(session, statement, there);
      await session.query("begin");
      try {
        const trace = await within(session, statement, await known(session));
        await session.query(keep ? "commit" : "rollback");
        return trace;
      } catch (error) {
        await session.query("rollback");
        if (!ALONE.has(rejection(error)?.state ?? "")) throw error;
      }
      return await alone(session, connection, statement);
    },
    close: () => session.close(),
  };
}

/** The transaction that is open between two calls, and what others could see when the first of them came. */
interface Open {
  readonly transaction: string | undefined;
  readonly known: ReadonlySet<string>;
}

/** When it began; without one, every message begins its own. */
async function transactionOf(session: Session): Promise<string | undefined> {
  const [row] = await session.query<{ began: string; open: boolean }>(
    `select pg_catalog.now()::text as began,
       pg_catalog.now() operator(pg_catalog.<) pg_catalog.statement_timestamp() as open`,
  );
  return row!.open ? row!.began : undefined;
}

async function known(session: Session): Promise<ReadonlySet<string>> {
  return new Set((await readRelations(session)).keys());
}

async function within(session: Session, statement: string, there: ReadonlySet<string>): Promise<Trace> {
  const before = await look(session);
  const held = await readLocks(session);
  const started = performance.now();
  await session.query(statement);
  const milliseconds = performance.now() - started;
  const locks = await readLocks(session);
  const after = await look(session);
  return {
    transactional: true,
    locks: newLocks(before.relations, there, held, locks),
    waits: false,
    ...storageChanges(before.relations, after.relations, there),
    visible: visibleChanges(before.facts, after.facts),
    milliseconds,
  };
}

async function alone(session: Session, connection: Connection, statement: string): Promise<Trace> {
  const before = await lookOutside(session);
  const started = performance.now();
  const relations = before.relations.values();
  const observed = await observe(session, connection, relations, () => session.query(statement));
  const milliseconds = performance.now() - started;
  const after = await lookOutside(session);
  const locks = new Map<string, LockMode>();
  for (const [oid, mode] of observed.locks) add(locks, oid, mode);
  const there = new Set(before.relations.keys());
  return {
    transactional: false,
    locks: newLocks(before.relations, there, new Map(), locks),
    waits: observed.waits,
    ...storageChanges(before.relations, after.relations, there, true),
    visible: visibleChanges(before.facts, after.facts),
    milliseconds,
  };
}

/** Reading a view's definition locks what it reads from; taken back, so that only the migration's own locks remain. */
async function look(session: Session) {
  await session.query("savepoint seakeep");
  const facts = await readFacts(session);
  const relations = await readRelations(session);
  await session.query("rollback to savepoint seakeep; release savepoint seakeep");
  return { facts, relations };
}

/** Counters of the past reach the others a second later, unless asked for; before version 15 they cannot be asked for. */
async function lookOutside(session: Session) {
  if (session.version >= 150000) await session.query("select pg_catalog.pg_stat_force_next_flush()");
  return { facts: await readFacts(session), relations: await readRelations(session, "flushed") };
}

/** The strongest mode that a session holds on each relation, by OID. */
type Held = ReadonlyMap<string, LockMode>;

async function readLocks(session: Session): Promise<Held> {
  const rows = await session.query<{ relation: string; mode: string }>(
    `select relation::oid::text as relation, mode from pg_catalog.pg_locks
     where pid = pg_backend_pid() and locktype = 'relation' and granted`,
  );
  const held = new Map<string, LockMode>();
  for (const { relation, mode } of rows) add(held, relation, lockMode(mode));
  return held;
}

function add(held: Map<string, LockMode>, relation: string, mode: LockMode | undefined): void {
  const known = held.get(relation);
  if (mode !== undefined) held.set(relation, known === undefined ? mode : stronger(known, mode));
}

function newLocks(
  relations: ReadonlyMap<string, Relation>,
  there: ReadonlySet<string>,
  before: Held,
  after: Held,
): TracedLock[] {
  const locks: TracedLock[] = [];
  for (const [oid, mode] of after) {
    const relation = relations.get(oid);
    if (relation === undefined || !there.has(oid) || before.get(oid) === mode) continue;
    locks.push({ relation: nameOf(relation), mode });
  }
  return locks.sort((a, b) => byName(a.relation, b.relation));
}
