import { expect, it, test } from "vitest";
import { CONTENTS } from "../../test/backup/fake-engine.ts";
import { differences } from "./differences.ts";
import type { Contents } from "./manifest.ts";

const [orders] = CONTENTS.tables;
const [sequence] = CONTENTS.sequences;

it("finds nothing between equals", () => {
  expect(differences(CONTENTS, structuredClone(CONTENTS))).toEqual([]);
});

test.each<[string, Partial<Contents>, string]>([
  ["a table is missing", { tables: [] }, 'table "public"."orders" is missing'],
  [
    "rows are missing",
    { tables: [{ ...orders!, rows: 2 }] },
    'table "public"."orders" has 2 rows, and 3 were dumped',
  ],
  [
    "a value is another",
    { tables: [{ ...orders!, sha256: "b".repeat(64) }] },
    'table "public"."orders" has other content than was dumped (3 rows each)',
  ],
  [
    "a table is too many",
    { tables: [orders!, { ...orders!, name: 'a"b' }] },
    'table "public"."a\\"b" was not dumped, and is there',
  ],
  [
    "a sequence was reset",
    { sequences: [{ ...sequence!, value: "1", called: false }] },
    'sequence "public"."orders_id_seq" stands at 1 (not yet called), and was dumped at 3',
  ],
  [
    "a large object is missing",
    { largeObjects: { ...CONTENTS.largeObjects, count: 1, bytes: 5 } },
    "large objects: 1 of 5 bytes are there, and 0 of 0 bytes were dumped",
  ],
  [
    "a large object is another",
    { largeObjects: { ...CONTENTS.largeObjects, sha256: "1".repeat(64) } },
    "large objects have other content than was dumped",
  ],
  [
    "a trigger is missing",
    {
      objects: [
        { kind: "TABLE", count: 1 },
        { kind: "TRIGGER", count: 1 },
      ],
    },
    "TRIGGER: 1 are there, and 0 were dumped",
  ],
  ["an extension is missing", { extensions: [] }, "extension plpgsql is missing"],
  [
    "a migration is another",
    { migration: { tool: "node-pg-migrate", version: "7" } },
    "newest migration is node-pg-migrate 7, and was none when dumped",
  ],
])("says when %s", (_name, change, told) => {
  expect(differences(CONTENTS, { ...CONTENTS, ...change })).toEqual([told]);
});

it("takes another version of an extension for what it is", () => {
  expect(differences(CONTENTS, { ...CONTENTS, extensions: [{ name: "plpgsql", version: "2.0" }] })).toEqual(
    [],
  );
});

it("tells the first fifty of many", () => {
  const tables = Array.from({ length: 60 }, (_, index) => ({ ...orders!, name: `t${index}` }));
  const told = differences({ ...CONTENTS, tables }, { ...CONTENTS, tables: [] });
  expect(told).toHaveLength(51);
  expect(told.at(-1)).toBe("and 10 more");
});
