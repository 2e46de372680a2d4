import { describe, expect, it } from "vitest";
import { dealOut, lockLargeTables } from "./large-tables.ts";
import { archiveReader } from "./output.ts";
import type { Snapshot } from "./snapshot.ts";

const MIB = 1024 * 1024;

type Found = readonly [schema: string, name: string, bytes: number];

/** A snapshot whose server finds these large tables; `asked` is what else it was told. */
function snapshotOf(tables: readonly Found[], encoding = "UTF8") {
  const asked: string[] = [];
  let values: readonly unknown[] = [];
  const snapshot = {
    name: "00000003-0000001B-1",
    database: { encoding },
    session: {
      query(sql: string, given?: readonly unknown[]) {
        if (given === undefined) asked.push(sql);
        else values = given;
        return Promise.resolve(
          given === undefined
            ? []
            : tables.map(([schema, name, bytes]) => ({ schema, name, columns: ["id"], bytes: `${bytes}` })),
        );
      },
    },
  } as unknown as Snapshot;
  return { snapshot, asked, values: () => values };
}

describe("lockLargeTables", () => {
  it("locks each at once, and tells how large it is", async () => {
    const { snapshot, asked, values } = snapshotOf([
      ["public", "a", 90 * MIB],
      ["public", "b", 80 * MIB],
    ]);
    expect(await lockLargeTables(snapshot)).toEqual([
      { schema: "public", name: "a", columns: ["id"], bytes: 90 * MIB },
      { schema: "public", name: "b", columns: ["id"], bytes: 80 * MIB },
    ]);
    expect(asked).toEqual([
      `lock table only "public"."a" in access share mode`,
      `lock table only "public"."b" in access share mode`,
    ]);
    // The least that is large, whether names beyond ASCII will do, and how many at most.
    expect(values()).toEqual([8 * MIB, true, 1000]);
  });

  it("leaves names beyond ASCII to the archive where the database is not in UTF-8", async () => {
    const { snapshot, values } = snapshotOf([], "LATIN1");
    await lockLargeTables(snapshot, 1);
    expect(values()).toEqual([1, false, 1000]);
  });

  it.each([
    ['say "hi"', 'say ""hi""'],
    ['"', '""'],
    ["a.b", "a.b"],
    ["every*one", "every*one"],
    ["who?", "who?"],
    ["this|that", "this|that"],
    ["$1$", "$1$"],
    ["^(.[x]{2})+\\d", "^(.[x]{2})+\\d"],
    ["UPPER", "UPPER"],
    ["Größe 🐤", "Größe 🐤"],
    ["it's; drop table x; --", "it's; drop table x; --"],
    ["--table=other", "--table=other"],
    ["ä".repeat(31), "ä".repeat(31)],
    ["n".repeat(63), "n".repeat(63)],
  ])("has %j named within double quotes and nothing else", async (name, quoted) => {
    const { snapshot, asked } = snapshotOf([[name, name, 40 * MIB]]);
    const reader = archiveReader(snapshot, 1000, await lockLargeTables(snapshot));
    const pattern = `"${quoted}"."${quoted}"`;
    expect(reader.args).toContain(`--exclude-table-data=${pattern}`);
    expect(asked).toEqual([`lock table only ${pattern} in access share mode`]);
  });
});

describe("dealOut", () => {
  const tables = (...sizes: number[]) => sizes.map((bytes) => ({ bytes }));
  const sizes = (hands: { bytes: number }[][]) => hands.map((hand) => hand.map(({ bytes }) => bytes));

  it("gives each file about as much, the largest first", () => {
    expect(sizes(dealOut(tables(10, 60, 30, 40), 2))).toEqual([
      [60, 10],
      [40, 30],
    ]);
    expect(sizes(dealOut(tables(10, 50, 30), 2))).toEqual([[50], [30, 10]]);
  });

  it("has no file that would hold nothing, and never more than it may", () => {
    expect(dealOut([])).toEqual([]);
    expect(sizes(dealOut(tables(1, 2)))).toEqual([[2], [1]]);
    expect(dealOut(tables(...Array.from({ length: 100 }, (_, index) => index)))).toHaveLength(8);
  });
});
