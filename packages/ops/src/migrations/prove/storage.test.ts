import { describe, expect, it } from "vitest";
import type { Relation } from "./relations.ts";
import { storageChanges } from "./storage.ts";

const table = (more: Partial<Relation> = {}): Relation => ({
  ...{ oid: "1", schema: "public", name: "courses", kind: "table", table: null, file: "10", tablespace: "0" },
  ...{ bytes: 81_920, columns: { 1: "id", 2: "title" }, validated: [] },
  ...{ inserted: 0, updated: 0, deleted: 0, scans: 0, pages: 0 },
  ...more,
});
const index = (more: Partial<Relation> = {}): Relation =>
  table({ oid: "2", name: "courses_pkey", kind: "index", table: "1", columns: {}, ...more });
const compare = (
  before: readonly Relation[],
  after: readonly Relation[],
  known = ["1", "2"],
  alone = false,
) => {
  const map = (list: readonly Relation[]) => new Map(list.map((relation) => [relation.oid, relation]));
  return storageChanges(map(before), map(after), new Set(known), alone);
};
const COURSES = { schema: "public", name: "courses", kind: "table" };

describe("storageChanges", () => {
  it("tells a rewrite from a truncation by what is left", () => {
    expect(compare([table()], [table({ file: "11" })])).toMatchObject({
      ...{ rewrites: [COURSES], truncations: [], scans: [COURSES] },
    });
    expect(compare([table()], [table({ file: "11", bytes: 0 })])).toMatchObject({
      ...{ rewrites: [], truncations: [COURSES], scans: [] },
    });
  });

  it("calls it a scan when every page was read, an index built, or a foreign key validated", () => {
    const scans = (after: Relation[], alone = false) => compare([table()], after, ["1"], alone).scans.length;
    expect(scans([table({ scans: 1, pages: 10 })])).toBe(1);
    expect(scans([table({ scans: 1, pages: 9 })])).toBe(0);
    expect(scans([table({ pages: 10 })])).toBe(0);
    expect(scans([table({ pages: 10 })], true)).toBe(1);
    expect(scans([table(), index()])).toBe(1);
    expect(scans([table({ validated: ["courses_owner_fkey"] })])).toBe(1);
  });

  it("tells what is gone, and which rows were touched", () => {
    expect(compare([table(), index()], [])).toMatchObject({ dropped: [COURSES], rewrites: [] });
    expect(compare([table()], [table({ columns: { 2: "title" }, deleted: 1 })])).toMatchObject({
      droppedColumns: [{ table: COURSES, column: "id" }],
      rows: [{ table: COURSES, inserted: 0, updated: 0, deleted: 1 }],
    });
  });

  it("says nothing of what nobody else saw", () => {
    const { rewrites, scans } = compare([table()], [table({ file: "11" })], []);
    expect([rewrites, scans]).toEqual([[], []]);
  });
});
