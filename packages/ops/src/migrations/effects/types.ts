import type { Node, TypeName } from "libpg-query";
import { stringsOf } from "../sql/names.ts";

/** A column's type: the parser's name, such as `varchar`, `int4`, `bpchar`, and its modifiers. */
export interface ColumnType {
  readonly name: string;
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

export function typeOf(type: TypeName | undefined): ColumnType | undefined {
  const name = type?.names?.flatMap(stringsOf).at(-1);
  if (name === undefined) return undefined;
  const modifiers = (type?.typmods ?? []).map(numberOf);
  return { name: SERIAL[name] ?? name, modifiers, array: (type?.arrayBounds?.length ?? 0) > 0 };
}

/** Types that stand for a type and a sequence. */
export const SERIAL: Readonly<Record<string, string>> = {
  ...{ serial: "int4", serial4: "int4", bigserial: "int8", serial8: "int8" },
  ...{ smallserial: "int2", serial2: "int2" },
};

function numberOf(node: Node): number {
  const value = "A_Const" in node ? node.A_Const.ival?.ival : undefined;
  return "A_Const" in node && node.A_Const.ival !== undefined ? (value ?? 0) : Number.NaN;
}

/** Pairs of types whose values are stored alike: pg_cast, castmethod = 'b'. */
const STORED_ALIKE = new Set(
  "varchar>text text>varchar cidr>inet xml>text xml>varchar bit>varbit varbit>bit int4>oid oid>int4 oid>regclass regclass>oid oid>regproc oid>regtype regtype>oid bpchar>bpchar".split(
    " ",
  ),
);

/** Types of which a longer limit, or none, takes every value as it is. */
const LENGTHS = new Set(["varchar", "varbit"]);
/** Types whose one modifier counts digits of a second. */
const PRECISIONS = new Set(["timestamp", "timestamptz", "time", "timetz", "interval"]);

/** What Postgres does with the rows when the type of a column changes. */
export type Rewrite = "none" | "rewrite" | "unless UTC";

/**
 * Whether Postgres writes a table anew when a column gets another type (ATColumnChangeRequiresRewrite): not where every
 * value is stored as before and no modifier refuses one.
 */
export function typeChange(from: ColumnType, to: ColumnType): Rewrite {
  if (from.array !== to.array) return "rewrite";
  if (from.name === to.name) return wider(from, to) ? "none" : "rewrite";
  if (from.array) return "rewrite";
  const pair = `${from.name}>${to.name}`;
  if (pair === "timestamp>timestamptz" || pair === "timestamptz>timestamp") {
    return to.modifiers.length === 0 ? "unless UTC" : "rewrite";
  }
  if (!STORED_ALIKE.has(pair)) return "rewrite";
  // A limit on the new type is held against every value.
  return to.modifiers.length === 0 || (LENGTHS.has(to.name) && from.name === to.name && wider(from, to))
    ? "none"
    : "rewrite";
}

/** True when the second takes every value of the first as it is; both have one name. */
function wider(from: ColumnType, to: ColumnType): boolean {
  const [a, b] = [from.modifiers, to.modifiers];
  if (a.length === b.length && a.every((value, index) => value === b[index])) return true;
  if (b.length === 0) return LENGTHS.has(to.name) || PRECISIONS.has(to.name) || to.name === "numeric";
  if (LENGTHS.has(to.name)) return a.length === 1 && b[0]! >= a[0]!;
  if (PRECISIONS.has(to.name))
    return a.length === 0 ? b[0] === 6 : a.length === 1 && b.length === 1 && b[0]! >= a[0]!;
  if (to.name === "numeric") {
    const [scaleFrom, scaleTo] = [a[1] ?? 0, b[1] ?? 0];
    return a.length > 0 && b[0]! >= a[0]! && scaleFrom === scaleTo;
  }
  return false;
}
