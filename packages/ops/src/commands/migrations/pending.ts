import { nearest, SeakeepError } from "@seakeep/contract";
import type { Migration } from "../../migrations/migration.ts";

/** A history, parted at what production has. */
export interface Pending {
  readonly earlier: readonly Migration[];
  readonly pending: readonly Migration[];
}

/** By the names that a database has recorded. */
export function pendingOf(all: readonly Migration[], applied: readonly string[]): Pending {
  const there = new Set(applied);
  return {
    earlier: all.filter(({ name }) => there.has(name)),
    pending: all.filter(({ name }) => !there.has(name)),
  };
}

/**
 * By what the command line says.
 *
 * @throws {SeakeepError} `SK-PROVE-002` when it says nothing, `-005` when it names no migration.
 */
export function pendingAfter(
  all: readonly Migration[],
  { all: every, since }: { readonly all?: boolean; readonly since?: string },
): Pending {
  if (every) return { earlier: [], pending: all };
  if (since === undefined)
    throw new SeakeepError("SK-PROVE-002", "It is not known which migrations are pending.");
  const last = all.findIndex(({ name }) => name === since);
  if (last >= 0) return { earlier: all.slice(0, last + 1), pending: all.slice(last + 1) };
  const names = all.map(({ name }) => name);
  const near = nearest(since, names);
  throw new SeakeepError("SK-PROVE-005", `There is no migration ${JSON.stringify(since.slice(0, 80))}.`, {
    fix:
      near === undefined
        ? `The last one is ${names.at(-1) ?? "not there: the history is empty"}.`
        : `Did you mean ${near}?`,
  });
}
