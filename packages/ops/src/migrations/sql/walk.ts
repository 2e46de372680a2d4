/** Every object of a tree of the parser, with the name of its kind where it has one. */
export function* walk(
  tree: unknown,
): Generator<readonly [kind: string, node: Readonly<Record<string, unknown>>]> {
  if (typeof tree !== "object" || tree === null) return;
  if (Array.isArray(tree)) {
    for (const item of tree) yield* walk(item);
    return;
  }
  for (const [kind, value] of Object.entries(tree)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) yield [kind, value];
    yield* walk(value);
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
