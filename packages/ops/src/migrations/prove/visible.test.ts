import { describe, expect, it } from "vitest";
import type { Fact } from "./facts.ts";
import { visibleChanges } from "./visible.ts";

const fact = (kind: string, name: string, more: Partial<Fact> = {}): Fact => ({
  ...{
    kind,
    name,
    bare: name.split(".").at(-1)!,
    on: "1",
    refers: null,
    definition: "as it is",
    optional: true,
  },
  ...more,
});
const OLD = [fact("table", "public.courses"), fact("column", "public.courses.title")];
const changesTo = (...facts: readonly Fact[]) =>
  visibleChanges(OLD, facts).map(({ kind, what }) => `${kind}: ${what}`);

describe("visibleChanges", () => {
  it("has nothing to say of a new table, a column that may be left out, and a type", () => {
    expect(
      changesTo(
        ...OLD,
        fact("table", "public.tags", { on: "2" }),
        fact("column", "public.tags.title", { on: "2", optional: false }),
        fact("constraint", "public.tags.tags_pkey", { on: "2" }),
        fact("column", "public.courses.level"),
        fact("enum label", "public.mood.'happy'", { on: "3" }),
      ),
    ).toEqual([]);
  });

  it("sees what is gone, and what is another thing by the same name", () => {
    expect(changesTo(OLD[0]!)).toEqual(["gone: column courses.title is gone"]);
    expect(changesTo(OLD[0]!, fact("column", "public.courses.title", { definition: "another" }))).toEqual([
      "changed: column courses.title is defined otherwise",
    ]);
  });

  it("sees what can refuse a row that was fine before", () => {
    expect(
      changesTo(
        ...OLD,
        fact("column", "public.courses.level", { optional: false }),
        fact("constraint", "public.courses.short", { bare: "short" }),
        fact("constraint", "public.tags.course", { on: "2", refers: "1" }),
      ),
    ).toEqual([
      "restricts: column courses.level is new, and must be given",
      "restricts: constraint courses.short is new on what was there",
      "restricts: constraint tags.course keeps rows from being deleted",
    ]);
  });

  it("sees a name that a statement may already use for something else", () => {
    const before = [...OLD, fact("table", "public.users", { on: "2" })];
    const after = [
      ...before,
      fact("column", "public.users.title", { on: "2" }),
      fact("view", "other.courses", { on: "3" }),
    ];
    expect(visibleChanges(before, after).map(({ kind }) => kind)).toEqual(["ambiguous", "ambiguous"]);
  });
});
