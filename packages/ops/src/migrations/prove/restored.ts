import type { Contents, TableContents } from "./contents.ts";
import { shown } from "./facts.ts";
import { schemaDifference } from "./schema-text.ts";
import { countText } from "./words.ts";

/** A database at one moment: everything that a way back has to bring back. */
export interface State {
  /** As pg_dump writes it. */
  readonly schema: string;
  readonly contents: Contents;
}

/** In what a database is not as it was, a sentence each without full stop; none: schema and data are back. */
export function differencesFrom(before: State, after: State): readonly string[] {
  const schema = schemaDifference(before.schema, after.schema);
  return [
    ...(schema === undefined ? [] : [`the schema differs: ${schema}`]),
    ...compareTables(before.contents.tables, after.contents.tables),
    ...compareSequences(before.contents, after.contents),
    ...(before.contents.largeObjects === after.contents.largeObjects ? [] : ["large objects differ"]),
  ];
}

/** Tables that only one of them has stand in the schema. */
function compareTables(before: readonly TableContents[], after: readonly TableContents[]): string[] {
  const there = new Map(after.map((table) => [table.name, table]));
  return before.flatMap((table) => {
    const now = there.get(table.name);
    if (now === undefined) return [];
    const name = shown(table.name);
    if (now.rows !== table.rows) return [`${name} has ${countText(now.rows, "row")}, and had ${table.rows}`];
    return table.columns.flatMap((column) => {
      const same = now.columns.find((other) => other.name === column.name);
      if (same === undefined || (same.hash === column.hash && same.filled === column.filled)) return [];
      return [`${name}.${column.name} has other values than before`];
    });
  });
}

/** A number that was drawn may be lost; one that is drawn twice may not. */
function compareSequences({ sequences: before }: Contents, { sequences: after }: Contents): string[] {
  return Object.entries(before).flatMap(([name, { at, ascending }]) => {
    const now = after[name];
    const behind =
      now === undefined || (ascending ? BigInt(now.at) < BigInt(at) : BigInt(now.at) > BigInt(at));
    return behind
      ? [`sequence ${shown(name)} stands before ${at}, where it was, and would repeat itself`]
      : [];
  });
}
