import type { Contents } from "../../../manifest.ts";
import { byName, byText } from "../../../order.ts";
import type { ArchiveEntry } from "./contents-table.ts";
import { damaged } from "./input.ts";

/**
 * Kinds that are no objects of the schema, or that come and go with who restores, with which roles and on which
 * version of the server, although the same was restored.
 */
const UNCOUNTED: ReadonlySet<string> = new Set([
  "ACL",
  "BLOB",
  "BLOB COMMENTS",
  "BLOB METADATA",
  "BLOBS",
  "COMMENT",
  "DATABASE",
  "DATABASE PROPERTIES",
  "DEFAULT ACL",
  "ENCODING",
  "SCHEMA",
  "SEARCHPATH",
  "SECURITY LABEL",
  "SEQUENCE SET",
  "STATISTICS DATA",
  "STDSTRINGS",
  "TABLE DATA",
]);

/** How a `setval` statement of pg_dump ends. */
const SETVAL = /, (-?\d{1,20}), (true|false)\);\s*$/;

/** What the table of contents alone tells of a dump. */
export class Inventory {
  readonly #sequences: Contents["sequences"][number][] = [];
  readonly #objects = new Map<string, number>();
  readonly #extensions: string[] = [];
  readonly #owners = new Set<string>();

  add(entry: ArchiveEntry): void {
    if (entry.owner !== "") this.#owners.add(entry.owner);
    if (entry.kind === "EXTENSION") this.#extensions.push(entry.name);
    if (entry.kind === "SEQUENCE SET") this.#sequences.push(readSequence(entry));
    if (!UNCOUNTED.has(entry.kind)) {
      this.#objects.set(entry.kind, (this.#objects.get(entry.kind) ?? 0) + 1);
    }
  }

  finish(): Pick<Contents, "sequences" | "objects"> & {
    readonly extensions: readonly string[];
    readonly owners: readonly string[];
  } {
    return {
      sequences: this.#sequences.sort(byName),
      objects: [...this.#objects].sort(([a], [b]) => byText(a, b)).map(([kind, count]) => ({ kind, count })),
      extensions: this.#extensions.sort(byText),
      owners: [...this.#owners].sort(byText),
    };
  }
}

/** Sequences stand outside of any snapshot: only the dump itself says which value it read. */
function readSequence({ schema, name, definition }: ArchiveEntry): Contents["sequences"][number] {
  const [, value, called] = SETVAL.exec(definition) ?? [];
  if (value === undefined) throw damaged(`the value of the sequence ${schema}.${name} cannot be read`, 0);
  return { schema, name, value, called: called === "true" };
}
