import { rejection } from "../../postgres/errors.ts";
import type { Migration, MigrationSql } from "../migration.ts";
import { type LockMode, stronger } from "./lock-mode.ts";
import { byName, type RelationName } from "./relations.ts";
import { splitStatements } from "./statements.ts";
import type { Trace, TracedLock, Tracer } from "./trace.ts";

/** A lock as those felt it who waited for it. */
export interface HeldLock extends TracedLock {
  /** Milliseconds from the statement that took it to the end of its transaction. */
  readonly milliseconds: number;
}

export interface TracedStatement extends Trace {
  readonly text: string;
}

/** What became of one direction of a migration. */
export interface Application {
  readonly statements: readonly TracedStatement[];
  /** The strongest on each relation, over all statements. */
  readonly locks: readonly HeldLock[];
  /** Why it ended early; what its transaction did is then rolled back, and what ran without one stays. */
  readonly failure?: Failure;
}

export interface Failure {
  readonly statement: string;
  readonly state: string;
  /** The server's own words. */
  readonly message: string;
}

/** Applies one direction as its tool does: all of it in one transaction, or each statement by itself. */
export async function apply(
  tracer: Tracer,
  { text }: MigrationSql,
  { transaction }: Pick<Migration, "transaction">,
  signal: AbortSignal,
): Promise<Application> {
  const { session } = tracer;
  const statements = (await splitStatements(text)) ?? [{ text }];
  const traced: TracedStatement[] = [];
  const held = new Held();
  let open = transaction;
  let current = "begin";
  try {
    if (open) await session.query("begin");
    for (const statement of statements) {
      signal.throwIfAborted();
      current = statement.text;
      if (statement.transaction !== undefined) {
        await session.query(statement.text);
        open = statement.transaction === "begin";
        if (!open) held.release();
        continue;
      }
      const trace = await tracer.trace(statement.text);
      traced.push({ ...trace, text: statement.text });
      held.add(trace);
      if (!open) held.release();
    }
    current = "commit";
    if (open) await session.query("commit");
    return { statements: traced, locks: held.all() };
  } catch (error) {
    signal.throwIfAborted();
    const said = rejection(error);
    if (said === undefined) throw error;
    await session.query("rollback");
    return { statements: traced, locks: held.all(), failure: { statement: current, ...said } };
  }
}

/** Adds up how long each lock was held. Only statements count, not the time that looking at them takes. */
class Held {
  readonly #locks = new Map<string, { relation: RelationName; mode: LockMode; milliseconds: number }>();
  #open = new Set<string>();

  add({ locks, milliseconds }: Trace): void {
    for (const { relation, mode } of locks) {
      const key = `${relation.schema}\0${relation.name}`;
      const known = this.#locks.get(key);
      // Each time a mode is told, it is stronger than the one before.
      const strongest = known === undefined ? mode : stronger(known.mode, mode);
      this.#locks.set(key, { relation, mode: strongest, milliseconds: known?.milliseconds ?? 0 });
      this.#open.add(key);
    }
    for (const key of this.#open) this.#locks.get(key)!.milliseconds += milliseconds;
  }

  release(): void {
    this.#open = new Set();
  }

  all(): HeldLock[] {
    return [...this.#locks.values()].sort((a, b) => byName(a.relation, b.relation));
  }
}
