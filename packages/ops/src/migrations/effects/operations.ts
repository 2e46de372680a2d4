import type { LockMode } from "../prove/lock-mode.ts";

/** What Postgres does for one thing that a statement asks for. */
export interface OperationEffects {
  /** Taken on the relation that the statement names, and held until the transaction ends. */
  readonly lock?: LockMode;
  /** Taken on the other relation: the one referenced, attached or attached to. */
  readonly other?: LockMode;
  /** The table is written anew in whole. */
  readonly rewrites?: true;
  /** The table is read from end to end. */
  readonly scans?: true;
  /** The other one is. */
  readonly scansOther?: true;
  /** Data that was there is gone. */
  readonly loses?: true;
  /** Statements of the release before name what is gone, or lack what is wanted. */
  readonly breaks?: true;
  /** Nothing bounds how long others wait: for as many rows as there are, an index that every query opens, or a lock that is held on purpose. */
  readonly unbounded?: true;
  /** It goes on for as long as the rows that it picks, and how many these are cannot be seen. */
  readonly varies?: true;
  /** Postgres refuses it within a transaction. */
  readonly alone?: true;
}

/**
 * What Postgres 14 to 18 does, by what is asked: the one place that says so. `predict`, the rules of `migrations lint` and the
 * reference page read it; a test holds it against a real server. Sources: the pages of each command, "Explicit Locking",
 * and AlterTableGetLockLevel in tablecmds.c.
 */
export const OPERATIONS = {
  // Columns
  "add-column": { lock: "ACCESS EXCLUSIVE" },
  "add-column-rewrite": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "add-column-check": { lock: "ACCESS EXCLUSIVE", scans: true },
  "add-column-unique": { lock: "ACCESS EXCLUSIVE", scans: true },
  "add-column-references": { lock: "ACCESS EXCLUSIVE", other: "SHARE ROW EXCLUSIVE" },
  "add-column-references-default": {
    lock: "ACCESS EXCLUSIVE",
    other: "SHARE ROW EXCLUSIVE",
    scans: true,
    scansOther: true,
  },
  "add-required-column": { lock: "ACCESS EXCLUSIVE", breaks: true },
  "drop-column": { lock: "ACCESS EXCLUSIVE", loses: true, breaks: true },
  "rename-column": { lock: "ACCESS EXCLUSIVE", breaks: true },
  "change-type": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "change-type-in-place": { lock: "ACCESS EXCLUSIVE" },
  "change-type-checked": { lock: "ACCESS EXCLUSIVE", scans: true },
  "set-not-null": { lock: "ACCESS EXCLUSIVE", scans: true },
  "set-not-null-proven": { lock: "ACCESS EXCLUSIVE" },
  "drop-not-null": { lock: "ACCESS EXCLUSIVE" },
  "set-default": { lock: "ACCESS EXCLUSIVE" },
  "drop-default": { lock: "ACCESS EXCLUSIVE" },
  "change-identity": { lock: "ACCESS EXCLUSIVE" },
  "drop-identity": { lock: "ACCESS EXCLUSIVE", loses: true, breaks: true },
  "drop-expression": { lock: "ACCESS EXCLUSIVE" },
  "set-expression": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "set-statistics": { lock: "SHARE UPDATE EXCLUSIVE" },
  "set-column-options": { lock: "SHARE UPDATE EXCLUSIVE" },
  "set-storage": { lock: "ACCESS EXCLUSIVE" },
  // Constraints
  "add-check": { lock: "ACCESS EXCLUSIVE", scans: true },
  "add-check-not-valid": { lock: "ACCESS EXCLUSIVE" },
  "add-foreign-key": {
    lock: "SHARE ROW EXCLUSIVE",
    other: "SHARE ROW EXCLUSIVE",
    scans: true,
    scansOther: true,
  },
  "add-foreign-key-not-valid": { lock: "SHARE ROW EXCLUSIVE", other: "SHARE ROW EXCLUSIVE" },
  "add-not-null": { lock: "ACCESS EXCLUSIVE", scans: true },
  "add-not-null-not-valid": { lock: "ACCESS EXCLUSIVE" },
  "add-unique": { lock: "ACCESS EXCLUSIVE", scans: true },
  "add-primary-key": { lock: "ACCESS EXCLUSIVE", scans: true },
  "add-exclusion": { lock: "ACCESS EXCLUSIVE", scans: true },
  "add-constraint-using-index": { lock: "ACCESS EXCLUSIVE" },
  "validate-constraint": { lock: "SHARE UPDATE EXCLUSIVE", scans: true },
  "alter-constraint": { lock: "ACCESS EXCLUSIVE" },
  /** What else is locked when something goes that it hangs on. */
  "lock-dependent": { lock: "ACCESS EXCLUSIVE" },
  /** A primary key or a unique one: ON CONFLICT and foreign keys name it. */
  "drop-key": { lock: "ACCESS EXCLUSIVE" },
  "drop-constraint": { lock: "ACCESS EXCLUSIVE", other: "ACCESS EXCLUSIVE" },
  // Indexes
  "create-index": { lock: "SHARE", scans: true },
  "create-index-concurrently": { lock: "SHARE UPDATE EXCLUSIVE", scans: true, alone: true },
  "create-index-on-parent-only": { lock: "SHARE" },
  "drop-index": { lock: "ACCESS EXCLUSIVE" },
  "drop-index-concurrently": { lock: "SHARE UPDATE EXCLUSIVE", alone: true },
  reindex: { lock: "SHARE", scans: true },
  "reindex-concurrently": { lock: "SHARE UPDATE EXCLUSIVE", scans: true, alone: true },
  "reindex-database": { lock: "SHARE", scans: true, alone: true },
  "alter-index": {},
  "move-index": { unbounded: true },
  // Tables and partitions
  "create-table": {},
  "create-table-as": { varies: true },
  "create-table-references": { other: "SHARE ROW EXCLUSIVE" },
  "create-partition": { other: "ACCESS EXCLUSIVE" },
  "create-child": { other: "SHARE UPDATE EXCLUSIVE" },
  "drop-table": { lock: "ACCESS EXCLUSIVE", loses: true, breaks: true },
  "rename-table": { lock: "ACCESS EXCLUSIVE", breaks: true },
  "rename-constraint": { lock: "ACCESS EXCLUSIVE" },
  "set-schema": { lock: "ACCESS EXCLUSIVE", breaks: true },
  "set-logged": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "set-tablespace": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "set-access-method": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "move-all": { unbounded: true },
  "set-table-options": { lock: "SHARE UPDATE EXCLUSIVE" },
  "set-table-options-strong": { lock: "ACCESS EXCLUSIVE" },
  "set-cluster-index": { lock: "SHARE UPDATE EXCLUSIVE" },
  "change-owner": { lock: "ACCESS EXCLUSIVE" },
  "set-replica-identity": { lock: "ACCESS EXCLUSIVE" },
  "alter-table": { lock: "ACCESS EXCLUSIVE" },
  inherit: { lock: "ACCESS EXCLUSIVE", other: "SHARE UPDATE EXCLUSIVE" },
  "no-inherit": { lock: "ACCESS EXCLUSIVE" },
  "attach-partition": { lock: "SHARE UPDATE EXCLUSIVE", other: "ACCESS EXCLUSIVE", scansOther: true },
  /** A valid check says what the bounds ask, and no index is missing. */
  "attach-partition-proven": { lock: "SHARE UPDATE EXCLUSIVE", other: "ACCESS EXCLUSIVE" },
  "check-default-partition": { lock: "ACCESS EXCLUSIVE", scans: true },
  "detach-partition": { lock: "ACCESS EXCLUSIVE", other: "ACCESS EXCLUSIVE" },
  "detach-partition-concurrently": { lock: "SHARE UPDATE EXCLUSIVE", other: "ACCESS EXCLUSIVE", alone: true },
  // Triggers, rules, policies, privileges
  "create-trigger": { lock: "SHARE ROW EXCLUSIVE" },
  "disable-trigger": { lock: "SHARE ROW EXCLUSIVE" },
  "switch-trigger": { lock: "SHARE ROW EXCLUSIVE" },
  "drop-trigger": { lock: "ACCESS EXCLUSIVE" },
  "create-rule": { lock: "ACCESS EXCLUSIVE" },
  "switch-rule": { lock: "ACCESS EXCLUSIVE" },
  "create-policy": { lock: "ACCESS EXCLUSIVE" },
  "enable-row-security": { lock: "ACCESS EXCLUSIVE", breaks: true },
  "disable-row-security": { lock: "ACCESS EXCLUSIVE" },
  revoke: {},
  comment: { lock: "SHARE UPDATE EXCLUSIVE" },
  "drop-statistics": { lock: "SHARE UPDATE EXCLUSIVE" },
  "create-statistics": { lock: "SHARE UPDATE EXCLUSIVE" },
  // Views and what else has a name
  "create-view": {},
  "replace-view": { lock: "ACCESS EXCLUSIVE" },
  "drop-view": { lock: "ACCESS EXCLUSIVE", breaks: true },
  "refresh-view": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "refresh-view-concurrently": { lock: "EXCLUSIVE" },
  "empty-view": { lock: "ACCESS EXCLUSIVE", loses: true },
  "drop-object": { breaks: true },
  "drop-with-data": { loses: true, breaks: true },
  "rename-object": { breaks: true },
  "add-enum-value": {},
  "constrain-domain": { lock: "SHARE", scans: true },
  "change-domain": {},
  // Rows
  insert: { lock: "ROW EXCLUSIVE" },
  "insert-select": { lock: "ROW EXCLUSIVE", varies: true },
  update: { lock: "ROW EXCLUSIVE", varies: true },
  "update-few": { lock: "ROW EXCLUSIVE" },
  "update-all": { lock: "ROW EXCLUSIVE", scans: true, unbounded: true },
  delete: { lock: "ROW EXCLUSIVE", loses: true, varies: true },
  "delete-all": { lock: "ROW EXCLUSIVE", scans: true, loses: true, unbounded: true },
  merge: { lock: "ROW EXCLUSIVE", varies: true },
  truncate: { lock: "ACCESS EXCLUSIVE", loses: true },
  /** Takes the lock that it names. */
  "lock-table": { unbounded: true },
  "lock-table-weakly": {},
  // Maintenance
  "vacuum-full": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true, alone: true },
  vacuum: { lock: "SHARE UPDATE EXCLUSIVE", alone: true },
  analyze: { lock: "SHARE UPDATE EXCLUSIVE" },
  cluster: { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true },
  "cluster-all": { lock: "ACCESS EXCLUSIVE", rewrites: true, scans: true, alone: true },
  "outside-transaction": { alone: true },
  "drop-database": { loses: true, breaks: true, alone: true },
  // What cannot be seen
  unseen: {},
  harmless: {},
} as const;

export type OperationKind = keyof typeof OPERATIONS;
