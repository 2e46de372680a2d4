import type { DeleteStmt, MergeStmt, Node, SelectStmt, TruncateStmt, UpdateStmt } from "libpg-query";
import { same, tableOf } from "../../sql/names.ts";
import type { Piece } from "../../sql/parse.ts";
import { walk } from "../../sql/walk.ts";
import type { Catalog } from "../catalog.ts";
import type { Operation } from "../operation.ts";
import { isAlwaysTrue, unknownCall } from "../volatile.ts";
import { tablesOf } from "./create.ts";

const everyRow = (where: Node | undefined): boolean => where === undefined || isAlwaysTrue(where);

export function readUpdate(node: UpdateStmt, { text, offset }: Piece): Operation {
  const all = everyRow(node.whereClause) && (node.fromClause ?? []).length === 0;
  return { kind: all ? "update-all" : "update", table: tableOf(node.relation), text, offset };
}

export function readDelete(node: DeleteStmt, { text, offset }: Piece): Operation {
  const all = everyRow(node.whereClause) && (node.usingClause ?? []).length === 0;
  return { kind: all ? "delete-all" : "delete", table: tableOf(node.relation), text, offset };
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
export function readSelect(node: SelectStmt, { text, offset }: Piece): readonly Operation[] {
  const operations: Operation[] = [];
  const piece = { text, offset };
  if (node.intoClause) operations.push({ ...piece, kind: "create-table" });
  for (const [kind, inner] of walk(node)) {
    if (kind === "UpdateStmt") operations.push(readUpdate(inner as UpdateStmt, piece));
    if (kind === "DeleteStmt") operations.push(readDelete(inner as DeleteStmt, piece));
    if (kind === "InsertStmt") {
      operations.push({ ...piece, kind: "insert", table: tableOf(inner.relation as never) });
    }
  }
  const call = unknownCall(node);
  if (call !== undefined)
    operations.push({ ...piece, kind: "unseen", detail: `what the function ${call} does` });
  return operations;
}
