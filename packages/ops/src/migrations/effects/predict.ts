import { type LockMode, stronger } from "../prove/lock-mode.ts";
import { same, type TableName } from "../sql/names.ts";
import type { Statement } from "../sql/parse.ts";
import type { Catalog } from "./catalog.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS, type OperationEffects } from "./operations.ts";
import { operationsOf } from "./read/index.ts";

/** What Postgres will do for one statement, as far as it can be told without asking it. */
export interface Effects {
  /** The strongest on each relation that others can see. */
  readonly locks: readonly { readonly table: TableName; readonly mode: LockMode }[];
  /** Written anew in whole. */
  readonly rewrites: readonly TableName[];
  /** Read from end to end. */
  readonly scans: readonly TableName[];
  readonly losesData: boolean;
  /** Statements of the release before name what is gone, or lack what is wanted. */
  readonly breaksReaders: boolean;
  readonly mayRunInTransaction: boolean;
}

/** What a statement does to tables that others can see: those that the migration itself has made are nobody else's yet. */
export function predict(statement: Statement, catalog: Catalog): Effects {
  const locks: { table: TableName; mode: LockMode }[] = [];
  const rewrites: TableName[] = [];
  const scans: TableName[] = [];
  const operations = visible(operationsOf(statement, catalog), catalog);
  for (const operation of operations) {
    const effects = effectsOf(operation);
    for (const { table, mode } of locksOf(operation, catalog)) {
      const held = locks.find((lock) => same(lock.table, table));
      if (held) held.mode = stronger(held.mode, mode);
      else locks.push({ table, mode });
    }
    if (effects.rewrites) add(rewrites, stored(operation.table, operation, catalog));
    if (effects.scans) add(scans, stored(operation.table, operation, catalog));
    if (effects.scansOther) add(scans, stored(operation.other, { ...operation, only: false }, catalog));
  }
  const some = (key: "loses" | "breaks" | "alone") =>
    operations.some((operation) => effectsOf(operation)[key] === true);
  return {
    ...{ locks, rewrites, scans, losesData: some("loses"), breaksReaders: some("breaks") },
    mayRunInTransaction: !some("alone"),
  };
}

export function effectsOf({ kind, lock }: Operation): OperationEffects {
  return lock === undefined ? OPERATIONS[kind] : { ...OPERATIONS[kind], lock };
}

/** Operations without those that only concern what nobody else has seen. */
export function visible(operations: readonly Operation[], catalog: Catalog): readonly Operation[] {
  return operations.flatMap((operation): readonly Operation[] => {
    const { table, other } = operation;
    const [hidden, otherHidden] = [catalog.isFresh(table), catalog.isFresh(other)];
    if (hidden && (other === undefined || otherHidden)) return [];
    if (hidden && other !== undefined) {
      // What is left of it is the lock on the other one.
      const lock = OTHER_ONLY[operation.kind];
      return lock === undefined ? [] : [{ ...operation, kind: lock }];
    }
    // An attached partition of our own holds nothing that would have to be read.
    return otherHidden && operation.kind.startsWith("attach-partition")
      ? [{ ...operation, kind: "set-cluster-index" }]
      : [operation];
  });
}

/** What an operation on a table of our own does to the other one. */
const OTHER_ONLY: Partial<Record<Operation["kind"], Operation["kind"]>> = {
  "add-foreign-key": "create-table-references",
  "add-foreign-key-not-valid": "create-table-references",
  "add-column-references": "create-table-references",
  "add-column-references-default": "create-table-references",
};

/** Every relation that an operation locks: its own with its partitions, and the other one. */
export function locksOf(
  operation: Operation,
  catalog: Catalog,
): readonly { table: TableName; mode: LockMode }[] {
  const { lock, other } = effectsOf(operation);
  const own = lock && operation.table ? [operation.table, ...below(operation.table, operation, catalog)] : [];
  return [
    ...own.map((table) => ({ table, mode: lock! })),
    ...(other && operation.other ? [{ table: operation.other, mode: other }] : []),
  ].filter(({ table }) => !catalog.isFresh(table));
}

function below(table: TableName, { only }: Operation, catalog: Catalog): readonly TableName[] {
  return only ? [] : catalog.below(table).map(({ name }) => name);
}

/** A partitioned table holds no rows itself. */
function stored(table: TableName | undefined, operation: Operation, catalog: Catalog): readonly TableName[] {
  if (table === undefined) return [];
  const all = [table, ...below(table, operation, catalog)];
  return all.filter((name) => catalog.find(name)?.partitioned !== true && !catalog.isFresh(name));
}

function add(list: TableName[], tables: readonly TableName[]): void {
  for (const table of tables) if (!list.some((known) => same(known, table))) list.push(table);
}
