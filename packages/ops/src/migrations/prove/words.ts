/** A count with its noun: `1 row`, `2 rows`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Names as a sentence lists them; the rest of a long list is counted. */
export function listText(names: readonly string[], most = 5): string {
  const told = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : [...names];
  const last = told.pop() ?? "";
  return told.length === 0 ? last : `${told.join(", ")} and ${last}`;
}
