import type { Node } from "libpg-query";
import { type TableName, tableOf } from "../../sql/names.ts";
import type { Piece } from "../../sql/parse.ts";
import type { Catalog } from "../catalog.ts";
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
  return [{ ...alone, kind: "attach-partition" }, ...defaultPartition(base, base.table, catalog)];
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
