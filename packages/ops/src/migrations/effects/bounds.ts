import type { Node, PartitionBoundSpec } from "libpg-query";
import { stringsOf } from "../sql/names.ts";
import type { KnownRelation } from "./catalog.ts";
import { typeOf } from "./types.ts";

/**
 * True when the valid checks of a table say what the bounds of a partition ask of its one column, so that Postgres need not
 * read it. Of what Postgres can infer, this is the form that its documentation recommends: the same literals, and no nulls.
 */
export function isWithin(
  bound: PartitionBoundSpec | undefined,
  table: KnownRelation | undefined,
  column: string | undefined,
): boolean {
  if (bound === undefined || table === undefined || column === undefined) return false;
  const valid = table.constraints.filter((constraint) => constraint.valid);
  const holdsNoNull =
    table.columns.get(column)?.notNull === true || valid.some(({ notNull }) => notNull?.has(column));
  const held = valid.flatMap(({ holds }) => conditionsIn(holds, table, column));
  const says = (sign: string, value: string | undefined) =>
    value !== undefined && held.some((condition) => condition.sign === sign && condition.values[0] === value);
  if (!holdsNoNull) return false;
  if (bound.strategy === "r")
    return says(">=", only(bound.lowerdatums)) && says("<", only(bound.upperdatums));
  if (bound.strategy !== "l") return false;
  const listed = (bound.listdatums ?? []).map((node) => literal(node));
  return held.some(({ sign, values }) => sign === "=" && values.every((value) => listed.includes(value)));
}

interface Condition {
  readonly sign: string;
  readonly values: readonly string[];
}

/** What the parts of `a and b` compare the column with, where that is a literal of its own type. */
function conditionsIn(node: Node | undefined, table: KnownRelation, column: string): readonly Condition[] {
  if (node === undefined) return [];
  if ("BoolExpr" in node && node.BoolExpr.boolop === "AND_EXPR")
    return (node.BoolExpr.args ?? []).flatMap((part) => conditionsIn(part, table, column));
  if (!("A_Expr" in node)) return [];
  const { lexpr, rexpr, name, kind } = node.A_Expr;
  if (kind !== "AEXPR_OP" && kind !== "AEXPR_IN") return [];
  if (!lexpr || !rexpr || !("ColumnRef" in lexpr) || (lexpr.ColumnRef.fields ?? []).length !== 1) return [];
  if (stringsOf(lexpr.ColumnRef.fields?.[0])[0] !== column) return [];
  const type = table.columns.get(column)?.type?.name;
  const values = ("List" in rexpr ? (rexpr.List.items ?? []) : [rexpr]).map((value) => literal(value, type));
  const known = values.flatMap((value) => value ?? []);
  const [sign = ""] = stringsOf(name?.[0]);
  return known.length === values.length ? [{ sign, values: known }] : [];
}

const only = (nodes: readonly Node[] | undefined): string | undefined =>
  nodes?.length === 1 ? literal(nodes[0]!) : undefined;

/** A literal as it is written, and whether it is a number or a text; a cast must be to the type itself. */
function literal(node: Node, type?: string): string | undefined {
  if ("TypeCast" in node) {
    const { arg, typeName } = node.TypeCast;
    return arg && type !== undefined && typeOf(typeName)?.name === type ? literal(arg) : undefined;
  }
  if (!("A_Const" in node) || node.A_Const.isnull) return undefined;
  const { location: _location, ...value } = node.A_Const as Record<string, unknown>;
  return JSON.stringify(value);
}
