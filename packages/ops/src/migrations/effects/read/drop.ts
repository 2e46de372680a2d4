import type { AlterObjectSchemaStmt, DropStmt, RenameStmt } from "libpg-query";
import { nameOf, same, stringsOf, type TableName, tableOf } from "../../sql/names.ts";
import type { Piece } from "../../sql/parse.ts";
import type { Catalog } from "../catalog.ts";
import type { Operation } from "../operation.ts";
import type { OperationKind } from "../operations.ts";

/** `OBJECT_MATVIEW` as people write it. */
export const objectWord = (type = ""): string =>
  type.replace("OBJECT_", "").replace("MATVIEW", "MATERIALIZED VIEW").replaceAll("_", " ").toLowerCase();

const RELATIONS: Readonly<Record<string, OperationKind>> = {
  OBJECT_TABLE: "drop-table",
  OBJECT_FOREIGN_TABLE: "drop-view",
  OBJECT_VIEW: "drop-view",
  OBJECT_MATVIEW: "drop-view",
};

/** What hangs on a table: its name is `table.name`. */
const PARTS = new Set(["OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY"]);
/** Nobody's statements name them. */
const NAMELESS = new Set(["OBJECT_PUBLICATION", "OBJECT_EVENT_TRIGGER", "OBJECT_CAST"]);

export function readDrop(node: DropStmt, piece: Piece, catalog: Catalog): readonly Operation[] {
  const { removeType = "", behavior, concurrent } = node;
  const cascade = behavior === "DROP_CASCADE";
  return (node.objects ?? []).flatMap((object): readonly Operation[] => {
    const parts = stringsOf(object);
    const base = {
      text: piece.text,
      offset: piece.offset,
      name: parts.at(-1) ?? "",
      detail: objectWord(removeType),
    };
    const relation = RELATIONS[removeType];
    if (relation !== undefined) {
      const table = nameOf(parts);
      return [{ ...base, kind: relation, table }, ...dependents(table, { piece, cascade, catalog })];
    }
    if (removeType === "OBJECT_INDEX") {
      const table = catalog.indexes.get(parts.at(-1) ?? "")?.table;
      return [
        { ...base, kind: concurrent ? "drop-index-concurrently" : "drop-index", ...(table && { table }) },
      ];
    }
    if (PARTS.has(removeType)) return [{ ...base, kind: "drop-trigger", table: nameOf(parts.slice(0, -1)) }];
    if (removeType === "OBJECT_STATISTIC_EXT") {
      const table = catalog.statistics.get(parts.at(-1) ?? "");
      return [{ ...base, kind: "drop-statistics", ...(table && { table }) }];
    }
    if (NAMELESS.has(removeType)) return [{ ...base, kind: "harmless" }];
    if (removeType === "OBJECT_SCHEMA") return dropSchema(base, cascade, catalog);
    const holdsData = removeType === "OBJECT_SEQUENCE" || cascade;
    return [{ ...base, kind: holdsData ? "drop-with-data" : "drop-object" }];
  });
}

/** What is locked beside it: both ends of foreign keys, the table that it is a part of, views that go with it. */
function dependents(
  table: TableName,
  { piece, cascade, catalog }: { piece: Piece; cascade: boolean; catalog: Catalog },
): readonly Operation[] {
  const known = catalog.find(table);
  const whole = known?.parent && catalog.find(known.parent);
  const others = [
    ...(known ? catalog.referencedBy(known) : []),
    ...[...catalog.referencing(table), ...(cascade ? catalog.viewsOn(table) : [])].map(({ name }) => name),
    ...(whole?.partitioned ? [whole.name] : []),
  ].filter((other) => !same(other, table));
  return others.map((other) => ({
    kind: "lock-dependent",
    table: other,
    only: true,
    text: piece.text,
    offset: piece.offset,
  }));
}

function dropSchema(
  base: Piece & { name: string; detail: string },
  cascade: boolean,
  catalog: Catalog,
): readonly Operation[] {
  if (!cascade) return [{ ...base, kind: "drop-object" }];
  const held = catalog.relations.filter(({ name }) => name.schema === base.name);
  const tables = held.map(({ name, kind }): Operation => {
    return { ...base, kind: kind === "table" ? "drop-table" : "drop-view", name: name.name, table: name };
  });
  return [{ ...base, kind: "drop-with-data" }, ...tables];
}

const RENAMES: Readonly<Record<string, OperationKind>> = {
  OBJECT_TABLE: "rename-table",
  OBJECT_VIEW: "rename-table",
  OBJECT_MATVIEW: "rename-table",
  OBJECT_FOREIGN_TABLE: "rename-table",
  OBJECT_COLUMN: "rename-column",
  OBJECT_TABCONSTRAINT: "rename-constraint",
  OBJECT_TRIGGER: "rename-constraint",
  OBJECT_RULE: "rename-constraint",
  OBJECT_POLICY: "rename-constraint",
};
const UNNOTICED = new Set([
  "OBJECT_INDEX",
  "OBJECT_DOMCONSTRAINT",
  "OBJECT_PUBLICATION",
  "OBJECT_STATISTIC_EXT",
]);

export function readRename(node: RenameStmt, piece: Piece): readonly Operation[] {
  const { renameType = "", relation, object, subname, newname } = node;
  const base = { text: piece.text, offset: piece.offset, detail: newname ?? "" };
  const kind = RENAMES[renameType];
  if (kind !== undefined) {
    const only = kind === "rename-table";
    return [{ ...base, kind, only, table: tableOf(relation), name: subname ?? "", column: subname ?? "" }];
  }
  const name = relation?.relname ?? stringsOf(object).at(-1) ?? subname ?? "";
  return [{ ...base, kind: UNNOTICED.has(renameType) ? "alter-index" : "rename-object", name }];
}

export function readSetSchema(node: AlterObjectSchemaStmt, piece: Piece): readonly Operation[] {
  const base = { text: piece.text, offset: piece.offset, detail: node.newschema ?? "" };
  const isRelation = ["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"].includes(
    node.objectType ?? "",
  );
  if (isRelation) return [{ ...base, kind: "set-schema", only: true, table: tableOf(node.relation) }];
  return [
    { ...base, kind: "rename-object", name: node.relation?.relname ?? stringsOf(node.object).at(-1) ?? "" },
  ];
}
