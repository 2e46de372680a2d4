import type { DeleteStmt, InsertStmt, MergeStmt, Node, TruncateStmt, UpdateStmt } from "libpg-query";
import { same, stringsOf, tableOf, tablesOf } from "../../sql/names.ts";
import type { Piece } from "../../sql/parse.ts";
import { columnsIn, walk } from "../../sql/walk.ts";
import type { Catalog, KnownRelation } from "../catalog.ts";
import type { Operation } from "../operation.ts";
import { isAlwaysTrue, unknownCall } from "../volatile.ts";

const everyRow = (where: Node | undefined): boolean => where === undefined || isAlwaysTrue(where);

export function readUpdate(node: UpdateStmt, { text, offset }: Piece, catalog: Catalog): Operation {
  const { whereClause: where } = node;
  const table = tableOf(node.relation);
  const all = everyRow(where) || isNullOfEmpty(where, catalog.find(table));
  const kind = all ? "update-all" : isSelective(where) ? "update-few" : "update";
  return { kind, table, text, offset };
}

/** `where a is null`, and the column has just been added. */
function isNullOfEmpty(where: Node | undefined, known: KnownRelation | undefined): boolean {
  if (where === undefined || !("NullTest" in where) || where.NullTest.nulltesttype !== "IS_NULL")
    return false;
  return [...columnsIn({ where })].some((column) => known?.columns.get(column)?.empty === true);
}

/** Asks for single values, or for no more than so many rows. */
function isSelective(where: Node | undefined): boolean {
  if (where === undefined) return false;
  if ("BoolExpr" in where)
    return where.BoolExpr.boolop === "AND_EXPR" && !!where.BoolExpr.args?.some(isSelective);
  if ("A_Expr" in where) {
    const { kind, name, lexpr, rexpr } = where.A_Expr;
    const equal = (kind === "AEXPR_OP" || kind === "AEXPR_IN") && stringsOf(name?.[0]).includes("=");
    return (
      equal &&
      !!lexpr &&
      "ColumnRef" in lexpr &&
      !!rexpr &&
      !/"(ColumnRef|SubLink)"/.test(JSON.stringify(rexpr))
    );
  }
  return "SubLink" in where && /"limitCount"/.test(JSON.stringify(where.SubLink.subselect ?? {}));
}

export function readDelete(node: DeleteStmt, { text, offset }: Piece): Operation {
  const all = everyRow(node.whereClause);
  return { kind: all ? "delete-all" : "delete", table: tableOf(node.relation), text, offset };
}

export function readInsert(node: InsertStmt, { text, offset }: Piece): Operation {
  const source = node.selectStmt && "SelectStmt" in node.selectStmt ? node.selectStmt.SelectStmt : {};
  const kind = (source.fromClause ?? []).length > 0 ? "insert-select" : "insert";
  return { kind, table: tableOf(node.relation), text, offset };
}

/** A match without a condition of its own may be every row. */
export function readMerge(node: MergeStmt, { text, offset }: Piece): Operation {
  const clauses = (node.mergeWhenClauses ?? []).flatMap((clause) =>
    "MergeWhenClause" in clause ? [clause.MergeWhenClause] : [],
  );
  const deletes = clauses.some(({ commandType }) => commandType === "CMD_DELETE");
  const updates = clauses.some(({ commandType, condition }) => commandType === "CMD_UPDATE" && !condition);
  const kind = deletes ? "delete" : updates ? "update-all" : "merge";
  return { kind, table: tableOf(node.relation), text, offset };
}

/** With CASCADE also what points at it, and at that. */
export function readTruncate(
  node: TruncateStmt,
  { text, offset }: Piece,
  catalog: Catalog,
): readonly Operation[] {
  const tables = [...tablesOf(node.relations)];
  if (node.behavior === "DROP_CASCADE") {
    // Grows while it is walked.
    for (const table of tables) {
      for (const { name } of catalog.referencing(table)) {
        if (!tables.some((known) => same(known, name))) tables.push(name);
      }
    }
  }
  return tables.map((table) => ({ kind: "truncate", table, text, offset }));
}

/** A query changes something by what stands in its WITH, and by the functions that it calls. */
export function readSelect(node: object, { text, offset }: Piece, catalog: Catalog): readonly Operation[] {
  const operations: Operation[] = [];
  const piece = { text, offset };
  if ("intoClause" in node) operations.push({ ...piece, kind: "create-table" });
  for (const [kind, inner] of walk(node)) {
    if (kind === "UpdateStmt") operations.push(readUpdate(inner as UpdateStmt, piece, catalog));
    if (kind === "MergeStmt") operations.push(readMerge(inner as MergeStmt, piece));
    if (kind === "DeleteStmt") operations.push(readDelete(inner as DeleteStmt, piece));
    if (kind === "InsertStmt") {
      operations.push(readInsert(inner as InsertStmt, piece));
    }
  }
  const call = unknownCall(node);
  if (call !== undefined)
    operations.push({ ...piece, kind: "unseen", detail: `what the function ${call} does` });
  return operations;
}
