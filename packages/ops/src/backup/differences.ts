import type { Contents } from "./manifest.ts";

/** Most differences that are told one by one. */
const MOST = 50;

/** How the contents of a restored database differ from those of the dump, in words; empty when they are equal. */
export function differences(dumped: Contents, restored: Contents): string[] {
  const found = [
    ...compareNamed("table", dumped.tables, restored.tables, ({ rows, sha256 }, other) =>
      rows === other.rows
        ? sha256 === other.sha256
          ? undefined
          : `has other content than was dumped (${rows} rows each)`
        : `has ${other.rows} rows, and ${rows} were dumped`,
    ),
    ...compareNamed("sequence", dumped.sequences, restored.sequences, ({ value, called }, other) =>
      value === other.value && called === other.called
        ? undefined
        : `stands at ${other.value}${other.called ? "" : " (not yet called)"}, and was dumped at ${value}${called ? "" : " (not yet called)"}`,
    ),
    ...compareLargeObjects(dumped.largeObjects, restored.largeObjects),
    ...compareObjects(dumped.objects, restored.objects),
    ...compareExtensions(dumped.extensions, restored.extensions),
    ...compareMigrations(dumped.migration, restored.migration),
  ];
  return found.length <= MOST ? found : [...found.slice(0, MOST), `and ${found.length - MOST} more`];
}

interface Named {
  readonly schema: string;
  readonly name: string;
}

function compareNamed<T extends Named>(
  word: string,
  dumped: readonly T[],
  restored: readonly T[],
  differ: (dumped: T, restored: T) => string | undefined,
): string[] {
  const key = ({ schema, name }: Named) => `${JSON.stringify(schema)}.${JSON.stringify(name)}`;
  const others = new Map(restored.map((entry) => [key(entry), entry]));
  const found: string[] = [];
  for (const entry of dumped) {
    const name = key(entry);
    const other = others.get(name);
    others.delete(name);
    const difference = other === undefined ? "is missing" : differ(entry, other);
    if (difference !== undefined) found.push(`${word} ${name} ${difference}`);
  }
  return [...found, ...[...others.keys()].map((name) => `${word} ${name} was not dumped, and is there`)];
}

function compareLargeObjects(dumped: Contents["largeObjects"], restored: Contents["largeObjects"]): string[] {
  if (dumped.count !== restored.count || dumped.bytes !== restored.bytes) {
    const told = ({ count, bytes }: Contents["largeObjects"]) => `${count} of ${bytes} bytes`;
    return [`large objects: ${told(restored)} are there, and ${told(dumped)} were dumped`];
  }
  return dumped.sha256 === restored.sha256 ? [] : ["large objects have other content than was dumped"];
}

function compareObjects(dumped: Contents["objects"], restored: Contents["objects"]): string[] {
  const there = new Map(restored.map(({ kind, count }) => [kind, count]));
  const kinds = new Map(dumped.map(({ kind, count }) => [kind, count]));
  return [...new Set([...kinds.keys(), ...there.keys()])].flatMap((kind) => {
    const [were, are] = [kinds.get(kind) ?? 0, there.get(kind) ?? 0];
    return were === are ? [] : [`${kind}: ${are} are there, and ${were} were dumped`];
  });
}

/** Another version of an extension is the server's business: a newer one is how an upgrade looks. */
function compareExtensions(dumped: Contents["extensions"], restored: Contents["extensions"]): string[] {
  const there = new Set(restored.map(({ name }) => name));
  return dumped.filter(({ name }) => !there.has(name)).map(({ name }) => `extension ${name} is missing`);
}

function compareMigrations(dumped: Contents["migration"], restored: Contents["migration"]): string[] {
  const told = (migration: Contents["migration"]) =>
    migration === undefined ? "none" : `${migration.tool} ${migration.version}`;
  if (told(dumped) === told(restored)) return [];
  return [`newest migration is ${told(restored)}, and was ${told(dumped)} when dumped`];
}
