/** Orders texts by code unit: the same everywhere, whatever the locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders what belongs to a schema, by schema and name. */
export function byName(
  a: { readonly schema: string; readonly name: string },
  b: { readonly schema: string; readonly name: string },
): number {
  return byText(a.schema, b.schema) || byText(a.name, b.name);
}
