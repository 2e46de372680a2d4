import type { CreateStmt, CreateTableAsStmt, IndexStmt, ViewStmt } from "libpg-query";
import { type TableName, tableOf } from "../../sql/names.ts";
import type { Piece } from "../../sql/parse.ts";
import { walk } from "../../sql/walk.ts";
import type { Catalog } from "../catalog.ts";
import type { Operation } from "../operation.ts";
import { defaultPartition } from "./partition.ts";
import { readSelect } from "./rows.ts";

export function readCreateTable(node: CreateStmt, piece: Piece, catalog: Catalog): readonly Operation[] {
  const base = { text: piece.text, offset: piece.offset };
  const own = tableOf(node.relation);
  const parents = (node.inhRelations ?? []).flatMap((parent) =>
    "RangeVar" in parent ? [tableOf(parent.RangeVar)] : [],
  );
  const referenced = referencesIn(node).filter(({ name }) => name !== own.name);
  return [
    { ...base, kind: "create-table", name: own.name },
    ...parents.flatMap((other): Operation[] =>
      node.partbound
        ? [
            { ...base, kind: "create-partition", other, name: own.name },
            ...defaultPartition(base, other, catalog),
          ]
        : [{ ...base, kind: "create-child", other }],
    ),
    ...referenced.map(
      (other): Operation => ({ ...base, kind: "create-table-references", other, name: own.name }),
    ),
  ];
}

/** Tables that the foreign keys within a statement point at. */
function referencesIn(tree: unknown): TableName[] {
  const found: TableName[] = [];
  for (const [kind, node] of walk(tree)) {
    if (kind === "Constraint" && node.contype === "CONSTR_FOREIGN")
      found.push(tableOf(node.pktable as never));
  }
  return found;
}

export function readCreateIndex(node: IndexStmt, piece: Piece, catalog: Catalog): readonly Operation[] {
  const table = tableOf(node.relation);
  const base = { text: piece.text, offset: piece.offset, table, ...(node.idxname && { name: node.idxname }) };
  if (node.concurrent) return [{ ...base, kind: "create-index-concurrently" }];
  const parentOnly = node.relation?.inh !== true && catalog.find(table)?.partitioned === true;
  return [{ ...base, kind: parentOnly ? "create-index-on-parent-only" : "create-index", only: parentOnly }];
}

export function readCreateView(node: ViewStmt, piece: Piece, catalog: Catalog): readonly Operation[] {
  const table = tableOf(node.view);
  const base = { text: piece.text, offset: piece.offset, name: table.name };
  const there = node.replace && catalog.find(table) !== undefined;
  return [there ? { ...base, kind: "replace-view", table } : { ...base, kind: "create-view" }];
}

/** Its query runs, unless there is to be no data. */
export function readCreateTableAs(
  node: CreateTableAsStmt,
  piece: Piece,
  catalog: Catalog,
): readonly Operation[] {
  const { text, offset } = piece;
  if (node.into?.skipData) return [{ kind: "create-table", text, offset }];
  return [{ kind: "create-table-as", text, offset }, ...readSelect(node, piece, catalog)];
}
