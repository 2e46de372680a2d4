import type { Node } from "libpg-query";
import { same, type TableName, tableOf } from "../../sql/names.ts";
import type { Piece } from "../../sql/parse.ts";
import { isWithin } from "../bounds.ts";
import type { Catalog, KnownRelation } from "../catalog.ts";
import type { Operation } from "../operation.ts";

interface Attaching {
  readonly def: Node | undefined;
  readonly base: Piece & { readonly table: TableName; readonly only: boolean };
  readonly catalog: Catalog;
}

/** ATTACH PARTITION and DETACH PARTITION. */
export function attachment(subtype: string, { def, base, catalog }: Attaching): readonly Operation[] {
  const command = def && "PartitionCmd" in def ? def.PartitionCmd : {};
  const other = tableOf(command.name);
  // The parent's other partitions are left alone.
  const alone = { ...base, only: true, other };
  if (subtype === "AT_DetachPartitionFinalize") return [{ ...alone, kind: "detach-partition-concurrently" }];
  if (subtype === "AT_DetachPartition") {
    return [{ ...alone, kind: command.concurrent ? "detach-partition-concurrently" : "detach-partition" }];
  }
  const parent = catalog.find(base.table);
  const proven =
    parent !== undefined &&
    isWithin(command.bound, catalog.find(other), parent.partitionedBy) &&
    isReady(parent, other, catalog);
  const kind = proven ? "attach-partition-proven" : "attach-partition";
  return [{ ...alone, kind }, ...defaultPartition(base, base.table, catalog)];
}

/** Nothing of the parent's has to be made on the new partition, for which its rows would be read: index or foreign key. */
function isReady(parent: KnownRelation, partition: TableName, catalog: Catalog): boolean {
  const indexes = [...catalog.indexes.values()];
  const on = (table: TableName) => indexes.filter((index) => same(index.table, table));
  return (
    parent.constraints.every(({ kind }) => kind !== "foreign key") &&
    on(parent.name).every(
      ({ columns, plain }) =>
        plain && on(partition).some((own) => own.plain && [...own.columns].join() === [...columns].join()),
    )
  );
}

/** A new partition takes rows away from the default one, which is locked and read. */
export function defaultPartition(piece: Piece, parent: TableName, catalog: Catalog): readonly Operation[] {
  return catalog
    .below(parent)
    .filter((child) => child.isDefault === true)
    .map(({ name }) => ({
      text: piece.text,
      offset: piece.offset,
      kind: "check-default-partition",
      table: name,
    }));
}
