import type { SampleTable } from "./tables.ts";

/** Tables after those that they refer to, as far as there is such an order; a circle is entered where nulls may stand. */
export function inOrder(tables: readonly SampleTable[]): readonly SampleTable[] {
  const ordered: SampleTable[] = [];
  const left = new Set(tables);
  const waits = (table: SampleTable, all: boolean) =>
    table.references.some(({ table: other, columns }) => {
      const required = table.columns.some(({ name, required }) => required && columns.includes(name));
      return (all || required) && [...left].some(({ name }) => name === other && name !== table.name);
    });
  while (left.size > 0) {
    const [first] = left;
    const next =
      [...left].find((table) => !waits(table, true)) ??
      [...left].find((table) => !waits(table, false)) ??
      first!;
    ordered.push(next);
    left.delete(next);
  }
  return ordered;
}
