import { expect, it } from "vitest";
import type { ArchiveContents } from "./archive/archive-reader.ts";
import { withRows } from "./rows.ts";

const table = (name: string) => ({ schema: "public", name, rows: 1, bytes: 2, sha256: "00" });
const archive = (...names: string[]) => ({ tables: names.map(table) }) as unknown as ArchiveContents;

it("has the tables of the archive and of the files beside it, in order", () => {
  const { tables } = withRows(archive("b", "d"), [table("c"), table("a")]);
  expect(tables.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
});

it("refuses a table that was read twice: a restore would double its rows", () => {
  expect(() => withRows(archive("a", "b"), [table("b")])).toThrow("public.b in two of its files");
});
