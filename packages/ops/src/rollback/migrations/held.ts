import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Session } from "../../postgres/session.ts";
import { countRows, countValues, readColumns } from "../database/tables.ts";
import type { Dropped } from "./drops.ts";

/** Something that would be dropped, and in how many rows it holds what somebody wrote. */
export interface Held {
  /** `ratings`, or `courses.rating`. */
  readonly what: string;
  readonly rows: number;
}

/** The relations that are dropped from, as SQL names them. */
export function relationsOf(drops: readonly Dropped[]): readonly string[] {
  return [...new Set(drops.map(({ relation }) => relation.map(quoteIdentifier).join(".")))];
}

/**
 * Counts what is held by what would be dropped; what is not there holds nothing. Names resolve as the session's search path
 * says.
 */
export async function countHeld(session: Session, drops: readonly Dropped[]): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const { relation, column } of drops) {
    const name = relation.map(quoteIdentifier).join(".");
    const [found] = await session.query<{ oid: string | null }>("select to_regclass($1)::oid::text as oid", [
      name,
    ]);
    if (found?.oid == null) continue;
    const what = [...relation, ...(column === undefined ? [] : [column])].join(".");
    if (column === undefined) held.push({ what, rows: await countRows(session, name) });
    else {
      const columns = (await readColumns(session, found.oid)).filter((one) => one.name === column);
      held.push({ what, rows: await countValues(session, name, columns) });
    }
  }
  return held;
}
