/** Every object of a tree of the parser, with the name of its kind where it has one. */
export function* walk(
  tree: unknown,
): Generator<readonly [kind: string, node: Readonly<Record<string, unknown>>]> {
  // A stack of its own: generators within generators cost as much again at every depth.
  const left: (readonly [kind: string, value: unknown])[] = [["", tree]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [kind, value] = next;
    if (typeof value !== "object" || value === null) continue;
    const list = Array.isArray(value);
    if (!list && kind !== "") yield [kind, value as Readonly<Record<string, unknown>>];
    const below = Object.entries(value);
    for (let index = below.length - 1; index >= 0; index -= 1) {
      const [key, inner] = below[index]!;
      if (typeof inner === "object") left.push([list ? "" : key, inner]);
    }
  }
}

/** Names of the columns that an expression uses. */
export function columnsIn(expression: unknown): ReadonlySet<string> {
  const columns = new Set<string>();
  for (const [kind, node] of walk(expression)) {
    if (kind !== "ColumnRef") continue;
    const last = (node.fields as { String?: { sval?: string } }[] | undefined)?.at(-1)?.String?.sval;
    if (last !== undefined) columns.add(last);
  }
  return columns;
}

/** Names of the functions that an expression calls, without their schema. */
export function functionsIn(expression: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [kind, node] of walk(expression)) {
    if (kind !== "FuncCall") continue;
    const last = (node.funcname as { String?: { sval?: string } }[] | undefined)?.at(-1)?.String?.sval;
    if (last !== undefined) names.add(last);
  }
  return names;
}
