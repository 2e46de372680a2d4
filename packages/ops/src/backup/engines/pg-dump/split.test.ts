import { describe, expect, it } from "vitest";
import type { ArchiveContents } from "./archive/archive-reader.ts";
import type { Snapshot } from "./snapshot.ts";
import { mergeContents, splitReaders, warningsOf } from "./split.ts";

const MIB = 1024 * 1024;

type Found = readonly [schema: string, name: string, bytes: number];

/** A snapshot whose server finds these large tables; `asked` is what else it was told. */
function snapshotOf(tables: readonly Found[], encoding = "UTF8") {
  const asked: string[] = [];
  let values: readonly unknown[] = [];
  const snapshot = {
    name: "00000003-0000001B-1",
    estimatedBytes: tables.reduce((sum, [, , bytes]) => sum + bytes, 0),
    database: { encoding },
    session: {
      query(sql: string, given?: readonly unknown[]) {
        if (given === undefined) asked.push(sql);
        else values = given;
        return Promise.resolve(
          given === undefined
            ? []
            : tables.map(([schema, name, bytes]) => ({ schema, name, bytes: `${bytes}` })),
        );
      },
    },
  } as unknown as Snapshot;
  return { snapshot, asked, values: () => values };
}

const options = (jobs: number) => ({ lockTimeout: 60_000, jobs });
/** Arguments that tell the readers of a dump apart. */
const chosen = (args: readonly string[]) => args.filter((arg) => /table|only|strict/.test(arg));

describe("splitReaders", () => {
  it("is one reader of everything for one job, and asks the server nothing", async () => {
    const { snapshot, asked, values } = snapshotOf([["public", "big", 90 * MIB]]);
    const readers = await splitReaders(snapshot, options(1));
    expect(readers.map(({ args }) => chosen(args))).toEqual([[]]);
    expect([asked, values()]).toEqual([[], []]);
  });

  it("takes each table from the first reader that another has, and locks it at once", async () => {
    const { snapshot, asked, values } = snapshotOf([
      ["public", "a", 90 * MIB],
      ["public", "b", 80 * MIB],
      ["public", "c", 70 * MIB],
    ]);
    const readers = await splitReaders(snapshot, options(3));
    expect(readers.map(({ args }) => chosen(args))).toEqual([
      [`--exclude-table-data="public"."b"`, `--exclude-table-data="public"."c"`],
      ["--data-only", "--strict-names", `--table="public"."b"`],
      ["--data-only", "--strict-names", `--table="public"."c"`],
    ]);
    expect(asked).toEqual([
      `lock table only "public"."b" in access share mode`,
      `lock table only "public"."c" in access share mode`,
    ]);
    // The least that is large, whether names beyond ASCII will do, and how many at most.
    expect(values()).toEqual([32 * MIB, true, 1000]);
    for (const { args } of readers) {
      expect(args).toContain("--snapshot=00000003-0000001B-1");
      expect(args).toContain("--encoding=UTF8");
    }
  });

  it("leaves names beyond ASCII to the first where the database is not in UTF-8", async () => {
    const { snapshot, values } = snapshotOf([], "LATIN1");
    await splitReaders(snapshot, options(2));
    expect(values()[1]).toBe(false);
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
    ["two\nlines", "two\nlines"],
    ["ä".repeat(31), "ä".repeat(31)],
    ["n".repeat(63), "n".repeat(63)],
  ])("names %j within double quotes and nothing else", async (name, quoted) => {
    const { snapshot, asked } = snapshotOf([
      ["larger", "stays with the first", 99 * MIB],
      [name, name, 40 * MIB],
    ]);
    const [first, second] = await splitReaders(snapshot, options(2));
    const pattern = `"${quoted}"."${quoted}"`;
    expect(first.args).toContain(`--exclude-table-data=${pattern}`);
    expect(second!.args).toContain(`--table=${pattern}`);
    expect(asked).toEqual([`lock table only ${pattern} in access share mode`]);
  });
});

describe("mergeContents", () => {
  const archive = (...names: string[]) =>
    ({
      tables: names.map((name) => ({ schema: "public", name, rows: 1, bytes: 2, sha256: "00" })),
      sequences: [{ schema: "public", name: `of ${names[0]}`, value: "1", called: true }],
    }) as unknown as ArchiveContents;

  it("has the tables of all in order, and of the rest what the first one says", () => {
    const merged = mergeContents([archive("b", "d"), archive("c"), archive("a")]);
    expect(merged.tables.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
    expect(merged.sequences).toEqual(archive("b").sequences);
  });

  it("refuses a table that two have read: a restore would double its rows", () => {
    expect(() => mergeContents([archive("a", "b"), archive("b")])).toThrow("public.b in two of its files");
  });
});

it("lets only the first reader warn", () => {
  const warn = () => {};
  expect([warningsOf(0, warn), warningsOf(1, warn)]).toEqual([warn, undefined]);
});
