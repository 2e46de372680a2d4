import type { Application } from "./apply.ts";
import { blocksReads, blocksWrites } from "./lock-mode.ts";
import type { RelationName } from "./relations.ts";
import { countText, listText } from "./words.ts";

/** A relation's name as people write it. */
export function relationText({ schema, name }: RelationName): string {
  return schema === "public" ? name : `${schema}.${name}`;
}

/** What applying it did, a sentence each. No times: they differ from run to run, and the file is committed. */
export function applicationEvidence(
  { statements, locks }: Application,
  transaction: boolean,
): readonly string[] {
  const count = countText(statements.length, "statement");
  const readers = locks.filter(({ mode, relation }) => blocksReads(mode) && isUsed(relation));
  const writers = locks.filter(
    ({ mode, relation }) => blocksWrites(mode) && !blocksReads(mode) && isUsed(relation),
  );
  const named = (list: readonly { relation: RelationName }[]) =>
    listText(list.map(({ relation }) => relationText(relation)));
  const all = (pick: (one: Application["statements"][number]) => readonly RelationName[]) =>
    [...new Set(statements.flatMap(pick).map(relationText))].sort();
  const rewritten = all(({ rewrites }) => rewrites);
  const scanned = all(({ scans }) => scans).filter((name) => !rewritten.includes(name));
  return [
    `Applied${transaction ? " in one transaction" : ""}: ${count}.`,
    ...(readers.length > 0
      ? [`Nobody can read or write ${named(readers)} meanwhile (ACCESS EXCLUSIVE).`]
      : []),
    ...(writers.length > 0 ? [`Nobody can write ${named(writers)} meanwhile (${modes(writers)}).`] : []),
    ...(rewritten.length > 0 ? [`Writes ${listText(rewritten)} anew in whole.`] : []),
    ...(scanned.length > 0 ? [`Reads ${listText(scanned)} from end to end.`] : []),
    ...(statements.some(({ waits }) => waits) ? ["Waits until every transaction under way has ended."] : []),
  ];
}

/** What statements name: an index or a sequence is locked with its table. */
function isUsed({ kind }: RelationName): boolean {
  return kind !== "index" && kind !== "sequence";
}

function modes(locks: readonly { readonly mode: string }[]): string {
  return listText([...new Set(locks.map(({ mode }) => mode))].sort());
}

/** The beginning of a statement, on one line. */
export function briefly(statement: string): string {
  const line = statement
    .replace(/^(\s*--.*\n)+/, "")
    .replace(/\s+/g, " ")
    .trim();
  return `\`${line.length > 60 ? `${line.slice(0, 60)}…` : line}\``;
}
