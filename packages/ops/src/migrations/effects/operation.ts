import type { LockMode } from "../prove/lock-mode.ts";
import type { TableName } from "../sql/names.ts";
import type { Piece } from "../sql/parse.ts";
import type { OperationKind } from "./operations.ts";

/** One thing that a statement asks for, such as one command of an ALTER TABLE. */
export interface Operation extends Piece {
  readonly kind: OperationKind;
  /** What is locked. */
  readonly table?: TableName;
  /** The other relation: referenced, attached, or attached to. */
  readonly other?: TableName;
  /** Partitions are left out: `ALTER TABLE ONLY`. */
  readonly only?: boolean;
  readonly column?: string;
  /** What else has a name: a constraint, an index, a type. */
  readonly name?: string;
  /** In place of what {@link OperationKind} says, where the statement itself names it. */
  readonly lock?: LockMode;
  /** A word or sentence for the reader: the new type, why something cannot be seen. */
  readonly detail?: string;
}
