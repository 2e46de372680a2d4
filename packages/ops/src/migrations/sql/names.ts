import type { Node, RangeVar } from "libpg-query";

/** A table, view or other relation, as a statement names it. */
export interface TableName {
  /** Absent: wherever the search path finds it. */
  readonly schema?: string;
  readonly name: string;
}

export function tableOf(relation: RangeVar | undefined): TableName {
  return named(relation?.schemaname, relation?.relname ?? "");
}

/** Names that a list of relations holds. */
export function tablesOf(nodes: readonly Node[] | undefined): readonly TableName[] {
  return (nodes ?? []).flatMap((node) => ("RangeVar" in node ? [tableOf(node.RangeVar)] : []));
}

/** The parts of a qualified name, as DROP and COMMENT hold them. */
export function stringsOf(node: Node | undefined): readonly string[] {
  if (node === undefined) return [];
  if ("String" in node) return [node.String.sval ?? ""];
  if ("List" in node) return (node.List.items ?? []).flatMap(stringsOf);
  if ("TypeName" in node) return (node.TypeName.names ?? []).flatMap(stringsOf);
  if ("ObjectWithArgs" in node) return (node.ObjectWithArgs.objname ?? []).flatMap(stringsOf);
  return [];
}

/** The last parts of a qualified name: `schema.name` or `name`. */
export function nameOf(parts: readonly string[]): TableName {
  return named(parts.at(-2), parts.at(-1) ?? "");
}

function named(schema: string | undefined, name: string): TableName {
  return schema ? { schema, name } : { name };
}

/** True when both may be the same relation: a schema that is not named may be any. */
export function same(a: TableName, b: TableName): boolean {
  return a.name === b.name && (a.schema === undefined || b.schema === undefined || a.schema === b.schema);
}

/** Words that cannot stand as a name without quotes and are likely to be one. */
const RESERVED = new Set(
  "all analyse analyze and any array as asc both case cast check collate column constraint create default desc distinct do else end except false fetch for foreign from grant group having in initially intersect into leading limit not null offset on only or order placing primary references returning select some symmetric table then to trailing true union unique user using variadic when where window with".split(
    " ",
  ),
);

/** A name as it is written in SQL: quoted when it must be. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A relation as it is written in SQL. */
export function shown({ schema, name }: TableName): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}
