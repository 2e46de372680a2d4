import type { AlterTableCmd, ColumnDef, Constraint, CreateStmt, Node, RangeVar } from "libpg-query";
import { nameOf, same, stringsOf, type TableName, tableOf } from "../sql/names.ts";
import type { Statement } from "../sql/parse.ts";
import { columnsIn, walk } from "../sql/walk.ts";
import { blank, type Catalog, type KnownConstraint, type KnownRelation, TEMPORARY } from "./catalog.ts";
import { typeOf } from "./types.ts";

/** Brings what is known up to date with a statement that has run. What it does not understand it leaves as it was. */
export function learn({ node }: Statement, catalog: Catalog): void {
  if ("CreateStmt" in node) learnTable(node.CreateStmt, catalog);
  else if ("CreateForeignTableStmt" in node) {
    catalog.add(blank(tableOf(node.CreateForeignTableStmt.base?.relation), "foreign table"));
  } else if ("CreateTableAsStmt" in node) {
    const { objtype, into, query } = node.CreateTableAsStmt;
    const view = objtype === "OBJECT_MATVIEW";
    catalog.add({
      ...blank(madeAs(into?.rel), view ? "materialized view" : "table"),
      ...(view && { reads: readsOf(query) }),
    });
  } else if ("SelectStmt" in node && node.SelectStmt.intoClause) {
    catalog.add(blank(madeAs(node.SelectStmt.intoClause.rel), "table"));
  } else if ("ViewStmt" in node) {
    const { view, query } = node.ViewStmt;
    const fresh = catalog.find(tableOf(view))?.fresh ?? true;
    catalog.add({ ...blank(tableOf(view), "view"), reads: readsOf(query), fresh });
  } else if ("CreateStatsStmt" in node) {
    const [relation] = node.CreateStatsStmt.relations ?? [];
    const name = (node.CreateStatsStmt.defnames ?? []).flatMap(stringsOf).at(-1);
    if (name && relation && "RangeVar" in relation) catalog.statistics.set(name, tableOf(relation.RangeVar));
  } else if ("IndexStmt" in node) {
    const { idxname, relation, indexParams, whereClause } = node.IndexStmt;
    const elements = (indexParams ?? []).flatMap((param) => ("IndexElem" in param ? [param.IndexElem] : []));
    const columns = new Set(elements.flatMap((element) => element.name ?? [...columnsIn(element.expr)]));
    const plain = whereClause === undefined && elements.every(({ expr }) => expr === undefined);
    const table = tableOf(relation);
    const name =
      idxname || [table.name, ...elements.map((element) => element.name ?? "expr"), "idx"].join("_");
    catalog.indexes.set(name, { table, columns, plain });
  } else if ("AlterTableStmt" in node) {
    const { objtype, relation, cmds } = node.AlterTableStmt;
    const name = tableOf(relation);
    const known = objtype === "OBJECT_TABLE" ? catalog.findOrAssume(name) : catalog.find(name);
    for (const command of cmds ?? []) {
      if (known && "AlterTableCmd" in command) learnCommand(command.AlterTableCmd, known, catalog);
    }
  } else if ("DropStmt" in node) {
    for (const object of node.DropStmt.objects ?? []) {
      const name = nameOf(stringsOf(object));
      if (/TABLE|VIEW/.test(node.DropStmt.removeType ?? "")) catalog.remove(name);
      if (node.DropStmt.removeType === "OBJECT_INDEX") catalog.indexes.delete(name.name);
    }
  } else if ("RenameStmt" in node) {
    const { renameType, relation, subname = "", newname = "" } = node.RenameStmt;
    const known = catalog.find(tableOf(relation));
    if (renameType === "OBJECT_COLUMN") renameColumn(known, subname, newname);
    else if (renameType === "OBJECT_INDEX") rekey(catalog.indexes, relation?.relname ?? "", newname);
    else if (known && /TABLE|VIEW/.test(renameType ?? "")) renameRelation(known, newname, catalog);
  } else if ("AlterObjectSchemaStmt" in node) {
    const known = catalog.find(tableOf(node.AlterObjectSchemaStmt.relation));
    if (known) known.name = { ...known.name, schema: node.AlterObjectSchemaStmt.newschema ?? "" };
  } else if ("VariableSetStmt" in node) {
    const { name, kind, args } = node.VariableSetStmt;
    const [first] = args ?? [];
    const schema = first && "A_Const" in first ? first.A_Const.sval?.sval : undefined;
    if (name === "search_path") catalog.search((kind === "VAR_SET_VALUE" && schema) || "public");
  } else if ("TransactionStmt" in node) {
    // What was made since may be gone.
    if (node.TransactionStmt.kind?.includes("ROLLBACK")) catalog.settle();
  } else if ("CreateDomainStmt" in node) {
    const { domainname, typeName, constraints } = node.CreateDomainStmt;
    const constrained = (constraints ?? []).some(
      (constraint) => "Constraint" in constraint && /CHECK|NOTNULL/.test(constraint.Constraint.contype ?? ""),
    );
    catalog.domains.set(nameOf((domainname ?? []).flatMap(stringsOf)).name, {
      base: typeOf(typeName),
      constrained,
    });
  } else if ("AlterDomainStmt" in node) {
    const domain = catalog.domains.get((node.AlterDomainStmt.typeName ?? []).flatMap(stringsOf).at(-1) ?? "");
    // One constraint may be left when another goes: once constrained, always taken as such.
    if (domain && ["C", "O"].includes(node.AlterDomainStmt.subtype ?? "")) domain.constrained = true;
  }
}

/** The name of what is made: temporary tables are in a schema of their own. */
function madeAs(relation: RangeVar | undefined): TableName {
  const name = tableOf(relation);
  return relation?.relpersistence === "t" ? { ...name, schema: TEMPORARY } : name;
}

function readsOf(query: Node | undefined): NonNullable<KnownRelation["reads"]> {
  const tables = [...walk(query)].flatMap(([kind, node]) => (kind === "RangeVar" ? [tableOf(node)] : []));
  return { tables, columns: columnsIn(query) };
}

function learnTable(node: CreateStmt, catalog: Catalog): void {
  const name = madeAs(node.relation);
  if (node.if_not_exists && catalog.find(name)) return;
  const parents = (node.inhRelations ?? []).flatMap((parent) =>
    "RangeVar" in parent ? [tableOf(parent.RangeVar)] : [],
  );
  const relation: KnownRelation = {
    ...blank(name, "table", { partitioned: node.partspec !== undefined }),
    ...partitionedBy(node),
    ...(parents[0] && { parent: parents[0] }),
    ...(node.partbound?.is_default && { isDefault: true }),
  };
  for (const inherited of parents.map((parent) => catalog.find(parent))) {
    for (const [column, known] of inherited?.columns ?? []) relation.columns.set(column, known);
  }
  for (const element of node.tableElts ?? []) {
    if ("ColumnDef" in element) learnColumn(element.ColumnDef, relation);
    if ("Constraint" in element) learnConstraint(element.Constraint, relation, catalog);
    if ("TableLikeClause" in element) {
      for (const [column, known] of catalog.find(tableOf(element.TableLikeClause.relation))?.columns ?? []) {
        relation.columns.set(column, known);
      }
    }
  }
  catalog.add(relation);
  for (const element of node.tableElts ?? []) {
    if ("ColumnDef" in element) learnColumnConstraints(element.ColumnDef, relation, catalog);
  }
}

function partitionedBy({ partspec }: CreateStmt): Pick<KnownRelation, "partitionedBy"> {
  const [key, second] = partspec?.partParams ?? [];
  const plain = key && "PartitionElem" in key && second === undefined;
  return plain ? { partitionedBy: key.PartitionElem.name } : {};
}

function learnColumn(column: ColumnDef, relation: KnownRelation): void {
  const contypes = (column.constraints ?? []).flatMap((node) =>
    "Constraint" in node ? [node.Constraint.contype] : [],
  );
  const serial = /^(small|big)?serial\d?$/.test(
    (column.typeName?.names ?? []).flatMap(stringsOf).at(-1) ?? "",
  );
  const notNull = serial || contypes.some((type) => /NOTNULL|PRIMARY|IDENTITY/.test(type ?? ""));
  relation.columns.set(column.colname ?? "", { type: typeOf(column.typeName), notNull });
}

function learnColumnConstraints(column: ColumnDef, relation: KnownRelation, catalog: Catalog): void {
  for (const node of column.constraints ?? []) {
    if ("Constraint" in node) learnConstraint(node.Constraint, relation, catalog, column.colname);
  }
}

const KINDS: Readonly<Record<string, KnownConstraint["kind"]>> = {
  CONSTR_CHECK: "check",
  CONSTR_FOREIGN: "foreign key",
  CONSTR_UNIQUE: "unique",
  CONSTR_PRIMARY: "primary key",
  CONSTR_EXCLUSION: "exclusion",
};
/** How Postgres names what nobody named. */
const SUFFIXES: Readonly<Record<KnownConstraint["kind"], string>> = {
  check: "check",
  "foreign key": "fkey",
  unique: "key",
  "primary key": "pkey",
  exclusion: "excl",
};

function learnConstraint(node: Constraint, relation: KnownRelation, catalog: Catalog, column?: string): void {
  const kind = KINDS[node.contype ?? ""];
  if (kind === undefined) return;
  const listed = [...(node.keys ?? []), ...(node.fk_attrs ?? [])].flatMap(stringsOf);
  const used = kind === "check" ? [...columnsIn(node.raw_expr)] : listed;
  const columns = new Set(used.length === 0 && column !== undefined ? [column] : used);
  const given = kind === "primary key" ? [] : [...columns];
  const name = node.conname || [relation.name.name, ...given, SUFFIXES[kind]].join("_");
  relation.constraints.push({
    ...{ name, kind, columns, valid: node.skip_validation !== true },
    ...(kind === "check" && { notNull: notNullIn(node.raw_expr), holds: node.raw_expr }),
    ...(kind === "foreign key" && {
      references: tableOf(node.pktable),
      referenced: new Set((node.pk_attrs ?? []).flatMap(stringsOf)),
    }),
  });
  if (kind === "primary key") {
    const keys = node.indexname ? (catalog.indexes.get(node.indexname)?.columns ?? columns) : columns;
    for (const key of keys) setNotNull(relation, key, true);
  }
  if (kind === "unique" || kind === "primary key") {
    catalog.indexes.set(name, { table: relation.name, columns, plain: true });
    if (node.indexname) catalog.indexes.delete(node.indexname);
  }
}

/** Columns that `a IS NOT NULL AND b IS NOT NULL` and its like holds to be there. */
function notNullIn(expression: Node | undefined): ReadonlySet<string> {
  if (expression === undefined) return new Set();
  if ("BoolExpr" in expression && expression.BoolExpr.boolop === "AND_EXPR") {
    return new Set((expression.BoolExpr.args ?? []).flatMap((arg) => [...notNullIn(arg)]));
  }
  const test = "NullTest" in expression ? expression.NullTest : undefined;
  if (test?.nulltesttype !== "IS_NOT_NULL" || test.arg === undefined || !("ColumnRef" in test.arg))
    return new Set();
  return columnsIn(test.arg.ColumnRef.fields ? { ColumnRef: test.arg.ColumnRef } : {});
}

function setNotNull(relation: KnownRelation, column: string, notNull: boolean): void {
  relation.columns.set(column, { type: relation.columns.get(column)?.type, notNull });
}

function learnCommand(command: AlterTableCmd, relation: KnownRelation, catalog: Catalog): void {
  const { subtype, name = "", def } = command;
  if (subtype === "AT_AddColumn" && def && "ColumnDef" in def) {
    learnColumn(def.ColumnDef, relation);
    const { colname = "", constraints } = def.ColumnDef;
    const added = relation.columns.get(colname);
    if (added && constraints === undefined) relation.columns.set(colname, { ...added, empty: true });
    learnColumnConstraints(def.ColumnDef, relation, catalog);
  } else if (subtype === "AT_DropColumn") {
    relation.columns.delete(name);
    relation.constraints = relation.constraints.filter(({ columns }) => !columns.has(name));
  } else if (subtype === "AT_AlterColumnType" && def && "ColumnDef" in def) {
    const notNull = relation.columns.get(name)?.notNull ?? false;
    relation.columns.set(name, { type: typeOf(def.ColumnDef.typeName), notNull });
  } else if (subtype === "AT_SetNotNull" || subtype === "AT_DropNotNull") {
    setNotNull(relation, name, subtype === "AT_SetNotNull");
  } else if (subtype === "AT_AddConstraint" && def && "Constraint" in def) {
    learnConstraint(def.Constraint, relation, catalog);
  } else if (subtype === "AT_ValidateConstraint") {
    relation.constraints = relation.constraints.map((known) =>
      known.name === name ? { ...known, valid: true } : known,
    );
  } else if (subtype === "AT_DropConstraint") {
    relation.constraints = relation.constraints.filter((known) => known.name !== name);
    catalog.indexes.delete(name);
  } else if (subtype === "AT_AttachPartition" || subtype === "AT_DetachPartition") {
    const child = def && "PartitionCmd" in def ? catalog.find(tableOf(def.PartitionCmd.name)) : undefined;
    if (child) child.parent = subtype === "AT_AttachPartition" ? relation.name : undefined;
  }
}

function renameColumn(known: KnownRelation | undefined, from: string, to: string): void {
  const column = known?.columns.get(from);
  if (known === undefined || column === undefined) return;
  known.columns.delete(from);
  known.columns.set(to, column);
  const renamed = (columns: ReadonlySet<string>) =>
    new Set([...columns].map((name) => (name === from ? to : name)));
  known.constraints = known.constraints.map((constraint) => ({
    ...constraint,
    columns: renamed(constraint.columns),
    ...(constraint.columns.has(from) && { holds: undefined }),
    ...(constraint.notNull && { notNull: renamed(constraint.notNull) }),
  }));
}

function renameRelation(known: KnownRelation, to: string, catalog: Catalog): void {
  const from = known.name;
  const name = { ...from, name: to };
  for (const other of catalog.relations) if (other.parent && same(other.parent, from)) other.parent = name;
  for (const [index, found] of catalog.indexes) {
    if (same(found.table, from)) catalog.indexes.set(index, { ...found, table: name });
  }
  known.name = name;
}

function rekey<Value>(map: Map<string, Value>, from: string, to: string): void {
  const value = map.get(from);
  if (value === undefined) return;
  map.delete(from);
  map.set(to, value);
}
