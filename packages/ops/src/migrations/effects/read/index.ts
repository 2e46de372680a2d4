import type {
  AlterDomainStmt,
  AlterEnumStmt,
  ExplainStmt,
  GrantStmt,
  Node,
  ReindexStmt,
  VacuumStmt,
} from "libpg-query";
import { blocksWrites, LOCK_MODES } from "../../prove/lock-mode.ts";
import { nameOf, same, stringsOf, tableOf, tablesOf } from "../../sql/names.ts";
import type { Piece, Statement } from "../../sql/parse.ts";
import { walk } from "../../sql/walk.ts";
import type { Catalog } from "../catalog.ts";
import type { Operation } from "../operation.ts";
import type { OperationKind } from "../operations.ts";
import { readAlterTable } from "./alter-table.ts";
import { readCreateIndex, readCreateTable, readCreateTableAs, readCreateView } from "./create.ts";
import { objectWord, readDrop, readRename, readSetSchema } from "./drop.ts";
import { readDelete, readInsert, readMerge, readSelect, readTruncate, readUpdate } from "./rows.ts";

type Kind = Node extends infer N ? (N extends N ? keyof N : never) : never;
type Body<K extends Kind> = Extract<Node, Readonly<Record<K, unknown>>>[K];

/** How to read each kind of statement. One that is not here changes nothing that anybody waits for. */
const READERS: {
  readonly [K in Kind]?: (body: Body<K>, statement: Statement, catalog: Catalog) => readonly Operation[];
} = {
  AlterTableStmt: readAlterTable,
  AlterTableMoveAllStmt: (node, statement) => [
    one("move-all", statement, { name: node.orig_tablespacename ?? "" }),
  ],
  CreateStmt: readCreateTable,
  CreateForeignTableStmt: (node, statement, catalog) => readCreateTable(node.base ?? {}, statement, catalog),
  CreateTableAsStmt: readCreateTableAs,
  IndexStmt: readCreateIndex,
  ViewStmt: readCreateView,
  DropStmt: readDrop,
  RenameStmt: readRename,
  AlterObjectSchemaStmt: readSetSchema,
  UpdateStmt: (node, statement, catalog) => [
    readUpdate(node, statement, catalog),
    ...calls(node, statement, catalog),
  ],
  DeleteStmt: (node, statement, catalog) => [readDelete(node, statement), ...calls(node, statement, catalog)],
  InsertStmt: (node, statement, catalog) => [readInsert(node, statement), ...calls(node, statement, catalog)],
  MergeStmt: (node, statement) => [readMerge(node, statement)],
  SelectStmt: readSelect,
  TruncateStmt: readTruncate,
  // The other kinds of statement that run one, and not only keep it.
  ExplainStmt: (node, statement, catalog) =>
    isAnalyzed(node) && node.query ? operationsOf({ ...statement, node: node.query }, catalog) : [],
  CopyStmt: (node, statement, catalog) => readSelect(node, statement, catalog),
  LockStmt: (node, statement) => {
    const lock = LOCK_MODES[(node.mode ?? 8) - 1] ?? "ACCESS EXCLUSIVE";
    const kind = blocksWrites(lock) ? "lock-table" : "lock-table-weakly";
    return tablesOf(node.relations).map((table) => one(kind, statement, { table, lock }));
  },
  ReindexStmt: readReindex,
  VacuumStmt: readVacuum,
  ClusterStmt: (node, statement) => [
    node.relation
      ? one("cluster", statement, { table: tableOf(node.relation) })
      : one("cluster-all", statement, { detail: "every table" }),
  ],
  RefreshMatViewStmt: (node, statement) => {
    const kind = node.skipData
      ? "empty-view"
      : node.concurrent
        ? "refresh-view-concurrently"
        : "refresh-view";
    return [one(kind, statement, { table: tableOf(node.relation) })];
  },
  CreateTrigStmt: (node, statement) => [
    one("create-trigger", statement, { table: tableOf(node.relation), name: node.trigname ?? "" }),
  ],
  RuleStmt: (node, statement) => [one("create-rule", statement, { table: tableOf(node.relation) })],
  CreatePolicyStmt: (node, statement) => [one("create-policy", statement, { table: tableOf(node.table) })],
  AlterPolicyStmt: (node, statement) => [one("create-policy", statement, { table: tableOf(node.table) })],
  CreateStatsStmt: (node, statement) =>
    tablesOf(node.relations).map((table) => one("create-statistics", statement, { table })),
  CommentStmt: (node, statement) => {
    const parts = stringsOf(node.object);
    const on: Readonly<Record<string, readonly string[]>> = {
      ...{ OBJECT_TABLE: parts, OBJECT_VIEW: parts, OBJECT_MATVIEW: parts, OBJECT_FOREIGN_TABLE: parts },
      OBJECT_COLUMN: parts.slice(0, -1),
    };
    const name = on[node.objtype ?? ""];
    return name === undefined ? [] : [one("comment", statement, { table: nameOf(name) })];
  },
  GrantStmt: readGrant,
  GrantRoleStmt: (node, statement) => (node.is_grant ? [] : [one("revoke", statement, { detail: "a role" })]),
  AlterEnumStmt: readEnum,
  AlterDomainStmt: readDomain,
  DropOwnedStmt: (_node, statement) => [
    one("drop-with-data", statement, { detail: "everything of the role" }),
  ],
  DropRoleStmt: (_node, statement) => [one("drop-object", statement, { detail: "role" })],
  DropdbStmt: (node, statement) => [one("drop-database", statement, { name: node.dbname ?? "" })],
  CreatedbStmt: (_node, statement) => [one("outside-transaction", statement)],
  CreateSubscriptionStmt: (_node, statement) => [one("outside-transaction", statement)],
  DropSubscriptionStmt: (_node, statement) => [one("outside-transaction", statement)],
  AlterExtensionStmt: (node, statement) => [
    one("unseen", statement, { detail: `what the update of the extension ${node.extname} does` }),
  ],
  AlterSystemStmt: (_node, statement) => [one("outside-transaction", statement)],
  CreateTableSpaceStmt: (_node, statement) => [one("outside-transaction", statement)],
  DropTableSpaceStmt: (_node, statement) => [one("outside-transaction", statement)],
  CallStmt: (node, statement) => {
    const name = (node.funccall?.funcname ?? []).flatMap(stringsOf).at(-1);
    return [one("unseen", statement, { detail: `what the procedure ${name} does` })];
  },
  ExecuteStmt: (node, statement) => [
    one("unseen", statement, { detail: `what ${node.name} was prepared as` }),
  ],
  CreateExtensionStmt: (node, statement) => [one("harmless", statement, { name: node.extname ?? "" })],
};

/** What a statement asks for, given what is known from those before it. */
export function operationsOf(statement: Statement, catalog: Catalog): readonly Operation[] {
  const [entry] = Object.entries(statement.node);
  if (entry === undefined) return [];
  const [kind, body] = entry as [Kind, never];
  return READERS[kind]?.(body, statement, catalog) ?? [];
}

function one(kind: OperationKind, { text, offset }: Piece, more: Partial<Operation> = {}): Operation {
  return { kind, text, offset, ...more };
}

/** Data-modifying WITH queries, and functions that are called, within another statement. */
function calls(node: object, statement: Statement, catalog: Catalog): readonly Operation[] {
  return readSelect(node, statement, catalog).filter(({ kind, table }) => {
    const own = "relation" in node ? tableOf(node.relation as never) : undefined;
    return kind === "unseen" || (table !== undefined && own !== undefined && !same(table, own));
  });
}

const isAnalyzed = ({ options }: ExplainStmt): boolean =>
  (options ?? []).some(
    (option) => "DefElem" in option && option.DefElem.defname === "analyze" && !isOff(option),
  );

/** The value of an option that is switched off. */
const isOff = (option: unknown): boolean => /"(false|off)"|"ival":\{\}/.test(JSON.stringify(option));

function readReindex(node: ReindexStmt, statement: Statement, catalog: Catalog): readonly Operation[] {
  const concurrent = JSON.stringify(node.params ?? []).includes('"concurrently"');
  const name = node.relation?.relname ?? node.name ?? "";
  if (node.kind === "REINDEX_OBJECT_TABLE" || node.kind === "REINDEX_OBJECT_INDEX") {
    const table =
      node.kind === "REINDEX_OBJECT_TABLE" ? tableOf(node.relation) : catalog.indexes.get(name)?.table;
    return [
      one(concurrent ? "reindex-concurrently" : "reindex", statement, { name, ...(table && { table }) }),
    ];
  }
  return [one(concurrent ? "reindex-concurrently" : "reindex-database", statement, { name })];
}

function readVacuum(node: VacuumStmt, statement: Statement): readonly Operation[] {
  const full = [...walk(node.options)].some(
    ([kind, option]) => kind === "DefElem" && option.defname === "full" && !isOff(option),
  );
  const kind = !node.is_vacuumcmd ? "analyze" : full ? "vacuum-full" : "vacuum";
  const tables = (node.rels ?? []).flatMap((rel) =>
    "VacuumRelation" in rel ? [tableOf(rel.VacuumRelation.relation)] : [],
  );
  if (tables.length === 0) return [one(kind, statement, { detail: "every table" })];
  return tables.map((table) => one(kind, statement, { table }));
}

function readGrant(node: GrantStmt, statement: Statement): readonly Operation[] {
  if (node.is_grant) return [];
  const [table] = tablesOf(node.objects);
  return [one("revoke", statement, { detail: table ? table.name : objectWord(node.objtype) })];
}

function readEnum(node: AlterEnumStmt, statement: Statement): readonly Operation[] {
  const name = (node.typeName ?? []).flatMap(stringsOf).at(-1) ?? "";
  if (node.oldVal) return [one("rename-object", statement, { name: node.oldVal, detail: node.newVal ?? "" })];
  return [one("add-enum-value", statement, { name, detail: node.newVal ?? "" })];
}

/** Constraints of a domain are held against every column of that type. */
function readDomain(node: AlterDomainStmt, statement: Statement, catalog: Catalog): readonly Operation[] {
  const name = (node.typeName ?? []).flatMap(stringsOf).at(-1) ?? "";
  const later = JSON.stringify(node.def ?? {}).includes('"skip_validation":true');
  const holds =
    ["C", "O", "V"].includes(node.subtype ?? "") ||
    /"AD_(AddConstraint|SetNotNull|ValidateConstraint)"/.test(String(node.subtype));
  if (!holds || later) return [one("change-domain", statement, { name })];
  const users = catalog.relations.filter(
    ({ kind, columns }) => kind === "table" && [...columns.values()].some(({ type }) => type?.name === name),
  );
  const held = users.map(({ name: table }) =>
    one("constrain-domain", statement, { table, name, only: true }),
  );
  return held.length > 0 ? held : [one("constrain-domain", statement, { name })];
}
