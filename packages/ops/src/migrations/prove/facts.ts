import type { Session } from "../../postgres/session.ts";
import { FACTS } from "./facts-query.ts";

/** One thing about a schema that a statement can rely on. */
export interface Fact {
  /** `table`, `column`, `constraint`, `enum label`, ...: in words, for sentences. */
  readonly kind: string;
  /** With its schema, quoted where SQL needs it: `public.courses.title`. Together with `kind` it is unique. */
  readonly name: string;
  /** The last part of the name, not quoted: what a statement may leave everything else out of. */
  readonly bare: string;
  /** OID of the relation or domain that it belongs to; for a foreign key, see `refers`. */
  readonly on: string | null;
  /** For a foreign key that keeps rows elsewhere from being deleted: OID of the table that it keeps. */
  readonly refers: string | null;
  /** Everything that can differ, as text to be compared. */
  readonly definition: string;
  /** For a column: a row can be written without naming it. */
  readonly optional: boolean;
}

/**
 * Reads what statements can rely on, but for what extensions own and what only speed depends on: plain indexes,
 * statistics, storage. Not from the session's own point of view: names are whole.
 */
export async function readFacts(session: Session): Promise<readonly Fact[]> {
  return await session.query<Fact & object>(FACTS);
}

/** A name as people write it: what is in the schema `public` needs no schema. */
export function shown(name: string): string {
  return name.replace(/^public\./, "");
}
