import type { Operation } from "../effects/operation.ts";
import type { OperationKind } from "../effects/operations.ts";
import { quoted, shown } from "../sql/names.ts";

/** What is said of one kind of operation. How bad it is follows from its effects, and stands nowhere else. */
export interface Rule {
  /** One sentence: what it does to whoever uses the database. */
  readonly why: string;
  /** What to do in its place, as SQL made from the names of the statement where that can be. */
  readonly fix: (operation: Operation) => string;
}

const table = ({ table: name }: Operation): string => (name ? shown(name) : "the_table");
const column = ({ column: name }: Operation): string => quoted(name || "the_column");
const named = ({ name }: Operation, otherwise: string): string => quoted(name || otherwise);
const text = ({ text: written }: Operation): string => written.replace(/;\s*$/, "");
const say = (words: string) => () => words;

/** The command of an ALTER TABLE as a statement of its own. */
const alone = (operation: Operation): string =>
  /^alter\b/i.test(operation.text) ? text(operation) : `alter table ${table(operation)} ${text(operation)}`;
const validateLater = (operation: Operation): string => {
  const name = named(operation, "name_it");
  return `${alone(operation)} not valid;\n-- in a later migration:\nalter table ${table(operation)} validate constraint ${name};`;
};
const concurrently = (operation: Operation): string =>
  `${text(operation).replace(/\bindex\b/i, "$& concurrently")};  -- outside a transaction`;
const inSteps =
  "Expand and contract: add what is new beside it, let the service use both, and take the old away a release later.";
const inBatches = (operation: Operation): string =>
  `Change some thousand rows at a time, each in a transaction of its own: ${text(operation)} ... where id in (select id from ${table(operation)} where ... limit 5000);`;

/** Every rule, by the kind of operation that it is about. */
export const RULES: Readonly<Partial<Record<OperationKind, Rule>>> = {
  "add-column-rewrite": {
    why: "Every row is written anew while nobody can read or write the table.",
    fix: (operation) =>
      `alter table ${table(operation)} add column ${column(operation)} <type>;  -- without the default\nalter table ${table(operation)} alter column ${column(operation)} set default <default>;\n-- then fill the old rows in batches`,
  },
  "add-column-check": {
    why: "Every row is held against the check while nobody can read or write the table.",
    fix: (operation) =>
      `alter table ${table(operation)} add column ${column(operation)} <type>;\nalter table ${table(operation)} add constraint ${quoted(`${operation.column}_check`)} check (...) not valid;\nalter table ${table(operation)} validate constraint ${quoted(`${operation.column}_check`)};  -- in a later migration`,
  },
  "add-column-unique": {
    why: "An index is built while nobody can read or write the table.",
    fix: (operation) =>
      `alter table ${table(operation)} add column ${column(operation)} <type>;\ncreate unique index concurrently ${quoted(`${operation.table?.name}_${operation.column}_key`)} on ${table(operation)} (${column(operation)});\nalter table ${table(operation)} add unique using index ${quoted(`${operation.table?.name}_${operation.column}_key`)};`,
  },
  "add-column-references-default": {
    why: "Every row is held against the other table while nobody can write to either.",
    fix: say("Add the column without the reference, then the foreign key NOT VALID, and validate it later."),
  },
  "add-required-column": {
    why: "It fails when the table has rows, and the release before inserts without this column.",
    fix: (operation) => `${alone(operation)} default <value>;`,
  },
  "drop-column": { why: "Its data is gone, and the release before still reads it.", fix: say(inSteps) },
  "drop-identity": { why: "The counter is gone, and inserts without the column fail.", fix: say(inSteps) },
  "rename-column": { why: "The release before uses the old name.", fix: say(inSteps) },
  "change-type": {
    why: "Every row is written anew while nobody can read or write the table, unless Postgres stores both types alike.",
    fix: (operation) =>
      `alter table ${table(operation)} add column ${quoted(`${operation.column}_new`)} <type>;\n-- write both, fill the old rows in batches, read the new one, then drop ${column(operation)}`,
  },
  "change-type-checked": {
    why: "A check or an index of the column is made anew while nobody can read or write the table.",
    fix: say("Drop the check or index first, change the type, and add it again NOT VALID or CONCURRENTLY."),
  },
  "set-not-null": {
    why: "Every row is read while nobody can read or write the table.",
    fix: (operation) => {
      const check = quoted(`${operation.column}_not_null`);
      return `alter table ${table(operation)} add constraint ${check} check (${column(operation)} is not null) not valid;\nalter table ${table(operation)} validate constraint ${check};  -- in a later migration\nalter table ${table(operation)} alter column ${column(operation)} set not null;\nalter table ${table(operation)} drop constraint ${check};`;
    },
  },
  "set-expression": {
    why: "Every row is computed and written anew while nobody can use the table.",
    fix: say(inSteps),
  },
  "add-check": {
    why: "Every row is held against it while nobody can read or write the table.",
    fix: validateLater,
  },
  "add-foreign-key": {
    why: "Every row is held against it while nobody can write to either table.",
    fix: validateLater,
  },
  "add-not-null": { why: "Every row is read while nobody can read or write the table.", fix: validateLater },
  "add-unique": {
    why: "An index is built while nobody can read or write the table.",
    fix: (operation) =>
      `create unique index concurrently ${named(operation, "the_key")} on ${table(operation)} (...);  -- outside a transaction\nalter table ${table(operation)} add constraint ${named(operation, "the_key")} unique using index ${named(operation, "the_key")};`,
  },
  "add-primary-key": {
    why: "Rows are read, or an index is built, while nobody can read or write the table.",
    fix: (operation) =>
      `-- prove the columns not null by a validated check, then\ncreate unique index concurrently ${named(operation, "the_pkey")} on ${table(operation)} (...);\nalter table ${table(operation)} add constraint ${named(operation, "the_pkey")} primary key using index ${named(operation, "the_pkey")};`,
  },
  "add-exclusion": {
    why: "Its index is built while nobody can read or write the table, and there is no other way to build one.",
    fix: say("Make a new table with the constraint, and move the rows to it."),
  },
  "create-index": { why: "Nobody can write to the table while it is built.", fix: concurrently },
  "drop-key": {
    why: "ON CONFLICT of the release before may need it, and from now on rows may be there twice.",
    fix: say("Drop it once no running release relies on it."),
  },
  "move-index": {
    why: "The whole index is copied, and every query of its table waits for that.",
    fix: say(
      "Build it anew: create index concurrently ... tablespace ..., and drop the old one concurrently.",
    ),
  },
  "move-all": {
    why: "One after the other, whole tables or indexes are copied while nobody can use them.",
    fix: say("Move them one by one, with pg_repack --tablespace."),
  },
  "drop-index": {
    why: "It waits for every query of the table, and every query waits for it.",
    fix: concurrently,
  },
  reindex: {
    why: "Nobody can write to the table while it is built anew.",
    fix: (operation) => `${text(operation).replace(/\b(table|index)\b/i, "$& concurrently")};`,
  },
  "reindex-database": {
    why: "One table after the other cannot be written to.",
    fix: say("reindex (concurrently) ..."),
  },
  "drop-table": { why: "Its data is gone, and the release before still reads it.", fix: say(inSteps) },
  "rename-table": {
    why: "The release before uses the old name.",
    fix: (operation) =>
      `${text(operation)};\ncreate view ${table(operation)} as select * from ${quoted(operation.detail ?? "")};  -- in one transaction, until the release before is gone`,
  },
  "set-schema": { why: "The release before looks for it where it was.", fix: say(inSteps) },
  "set-logged": {
    why: "Every row is written anew while nobody can read or write the table.",
    fix: say("Fill a new table in its place, and swap the names."),
  },
  "set-tablespace": {
    why: "The whole table is copied while nobody can read or write it.",
    fix: say("Use pg_repack --tablespace, or do it in a maintenance window."),
  },
  "set-access-method": {
    why: "Every row is written anew while nobody can read or write the table.",
    fix: say("Fill a new table in its place, and swap the names."),
  },
  "attach-partition": {
    why: "Every row of the partition is read while nobody can use it, unless a valid check proves what the bounds ask and no index of the parent is missing.",
    fix: (operation) =>
      `alter table ${operation.other ? shown(operation.other) : "the_partition"} add constraint in_bounds check (...) not valid;\n-- in later migrations:\nalter table ${operation.other ? shown(operation.other) : "the_partition"} validate constraint in_bounds;\n${alone(operation)};`,
  },
  "check-default-partition": {
    why: "Every row of the default partition is read while nobody can use it.",
    fix: say("Give the default partition a valid check that excludes the new bounds first."),
  },
  "detach-partition": {
    why: "It waits for every query of the whole table, and every query waits for it.",
    fix: (operation) => `${alone(operation)} concurrently;  -- outside a transaction`,
  },
  "enable-row-security": {
    why: "Whoever does not own the table sees only rows that a policy shows.",
    fix: say("Create the policies for the release before in the same transaction, and test with its role."),
  },
  "drop-view": { why: "The release before still reads it.", fix: say(inSteps) },
  "disable-trigger": {
    why: "What it keeps right for the release before is not done while it is off; ALL also means foreign keys.",
    fix: say("set local session_replication_role = replica;  -- for the one session that must not fire it"),
  },
  "drop-trigger": {
    why: "What it keeps right, or allows, for the release before is not done any more.",
    fix: say("Drop it once no running release relies on it."),
  },
  "refresh-view": {
    why: "Nobody can read it until it is made anew.",
    fix: (operation) =>
      `refresh materialized view concurrently ${table(operation)};  -- needs a unique index`,
  },
  "empty-view": {
    why: "Nobody can read it until it is filled.",
    fix: (operation) => `refresh materialized view concurrently ${table(operation)};`,
  },
  "drop-object": { why: "The release before may still use it.", fix: say(inSteps) },
  "drop-with-data": {
    why: "What it holds, or what depends on it, is gone too.",
    fix: say(`Name each thing to be dropped. ${inSteps}`),
  },
  "rename-object": { why: "The release before uses the old name.", fix: say(inSteps) },
  revoke: {
    why: "The release before may need the privilege.",
    fix: say("Revoke it once no running release uses it."),
  },
  "constrain-domain": {
    why: "Every row with a column of this type is read while nobody can write to its table.",
    fix: say("Use a check on each table, NOT VALID, and validate it later."),
  },
  update: {
    why: "How many rows it changes cannot be seen; each stays locked until the transaction ends.",
    fix: inBatches,
  },
  merge: {
    why: "How many rows it changes cannot be seen; each stays locked until the transaction ends.",
    fix: say("Merge some thousand rows at a time."),
  },
  "update-all": { why: "Every row is written and stays locked until the transaction ends.", fix: inBatches },
  delete: {
    why: "The rows are gone.",
    fix: say("Make sure that a backup has them, and allow it with a reason."),
  },
  "delete-all": { why: "Every row is gone, and locked until the transaction ends.", fix: inBatches },
  truncate: {
    why: "Every row is gone, and nobody can use the table until the transaction ends.",
    fix: say("Make sure that a backup has them, and allow it with a reason."),
  },
  "lock-table": {
    why: "The table stays locked until the transaction ends.",
    fix: say("Let each statement take the lock that it needs."),
  },
  "vacuum-full": {
    why: "Every row is written anew while nobody can read or write the table.",
    fix: say("vacuum without FULL, or pg_repack."),
  },
  cluster: {
    why: "Every row is written anew while nobody can read or write the table.",
    fix: say("pg_repack orders rows without the lock."),
  },
  "cluster-all": {
    why: "Every clustered table is written anew while nobody can use it.",
    fix: say("pg_repack orders rows without the lock."),
  },
  "drop-database": { why: "Everything in it is gone.", fix: say("Do it by hand, with a proven backup.") },
  unseen: {
    why: "It cannot be seen what this does.",
    fix: say("Write it as plain SQL, or see with `seakeep migrations prove` what it does."),
  },
};

/** Rules about how statements stand together. */
export const SEQUENCE_RULES = {
  "refused-in-transaction": "Postgres refuses this within a transaction.",
  "lock-held-through-work": "A lock that blocks others is held from before until this long work is done.",
  "no-lock-timeout": "While it waits for its lock, every query after it waits too; nothing limits how long.",
  "allow-without-reason": "A finding is allowed only by a rule that there is, and with a reason.",
} as const;
export type SequenceRule = keyof typeof SEQUENCE_RULES;
