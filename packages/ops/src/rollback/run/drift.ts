import type { Basis, RunState } from "./state.ts";

/** The same facts as they are now. */
export type Now = Basis;

/**
 * What of a plan's basis is no longer so, in words; empty: go on. What the plan itself has changed is as it must be: the
 * migrations that its steps took back, the one of a step that was cut off too, and after a swap the whole database.
 *
 * @param index of the step that is next
 */
export function drift({ basis, steps, progress }: RunState, index: number, now: Now): readonly string[] {
  const swapped = steps.some(
    ({ kind }, at) => kind === "swap" && (at < index || progress[at]!.state !== "pending"),
  );
  const gone = steps.slice(0, index).flatMap(({ migration }) => migration ?? []);
  const current = steps[index]?.migration;
  return [
    ...databaseDrift(basis.database, now.database, swapped, { gone, current }),
    ...backupDrift(basis.backup, now.backup),
  ];
}

function databaseDrift(
  then: Basis["database"],
  now: Basis["database"],
  swapped: boolean,
  { gone, current }: { readonly gone: readonly string[]; readonly current: string | undefined },
): string[] {
  if (then === undefined) return [];
  if (now === undefined) return ["the database can no longer be told"];
  if (then.system !== now.system || then.name !== now.name) return ["it is another database or server"];
  if (swapped) return [];
  const [wanted, found] = [then.applied?.filter((name) => !gone.includes(name)), now.applied];
  const same = (list: readonly string[] | undefined) => JSON.stringify(list) === JSON.stringify(found);
  if (same(wanted) || (current !== undefined && same(wanted?.filter((name) => name !== current)))) return [];
  const more = (found ?? []).filter((name) => !wanted?.includes(name));
  const fewer = (wanted ?? []).filter((name) => !found?.includes(name));
  return [
    `the migrations that are applied have changed${more.length > 0 ? `, more: ${more.join(", ")}` : ""}${
      fewer.length > 0 ? `, fewer: ${fewer.join(", ")}` : ""
    }`,
  ];
}

function backupDrift(then: Basis["backup"], now: Basis["backup"]): string[] {
  if (then === undefined) return [];
  if (now === undefined) return [`${then.id} is no longer in the store, or no longer sound`];
  return then.checksum === now.checksum ? [] : [`${then.id} has another manifest`];
}
