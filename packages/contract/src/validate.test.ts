import * as v from "valibot";
import { describe, expect, it, test } from "vitest";
import { type Problem, Problems } from "./problems.ts";
import { parse, parsePartly } from "./validate.ts";

const STORE = v.strictObject(
  { bucket: v.string("a bucket"), region: v.optional(v.string("a region")) },
  "a store",
);
const SCHEMA = v.strictObject(
  {
    name: v.string("a name"),
    count: v.optional(v.number("a number")),
    store: v.optional(STORE),
    checks: v.optional(v.array(v.strictObject({ path: v.string("a path") }, "a check"), "a list of checks")),
    either: v.optional(v.union([v.string(), v.number()], "text or a number")),
    untold: v.optional(v.strictObject({ any: v.any() })),
  },
  "an object",
);

const problemsOf = (value: unknown): readonly Problem[] => {
  const problems = new Problems();
  expect(parse(SCHEMA, value, "", problems)).toBeUndefined();
  return problems.list;
};

describe("parse", () => {
  it("gives the value back when nothing is wrong with it", () => {
    const problems = new Problems();
    const value = { name: "a", store: { bucket: "b" }, checks: [{ path: "/" }] };
    expect(parse(SCHEMA, value, "", problems)).toEqual(value);
    expect(problems.list).toEqual([]);
  });

  const only = "only name, count, store, checks, either, untold";
  test.each<[string, unknown, Problem[]]>([
    ["a wrong value", { name: 3 }, [{ path: "name", got: "3", wanted: "a name", fix: "Write a name." }]],
    ["a missing key", {}, [{ path: "name", got: "nothing", wanted: "a name", fix: "Add `name`: a name." }]],
    [
      "a missing key inside an object",
      { name: "a", store: {} },
      [{ path: "store.bucket", got: "nothing", wanted: "a bucket", fix: "Add `bucket`: a bucket." }],
    ],
    [
      "a missing key inside an object inside a list",
      { name: "a", checks: [{ path: "/" }, {}] },
      [{ path: "checks[1].path", got: "nothing", wanted: "a path", fix: "Add `path`: a path." }],
    ],
    [
      "a missing key that may hold anything",
      { name: "a", untold: {} },
      [{ path: "untold.any", got: "nothing", wanted: "a value", fix: "Add `any`: a value." }],
    ],
    [
      "a mistyped optional key",
      { name: "a", cuont: 3 },
      [{ path: "cuont", got: "an unknown key", wanted: "`count`", fix: "Rename it to `count`." }],
    ],
    [
      "a mistyped required key, which is one mistake and not two",
      { nmae: "a" },
      [{ path: "nmae", got: "an unknown key", wanted: "`name`", fix: "Rename it to `name`." }],
    ],
    [
      "a second spelling of a key that is there",
      { name: "a", nam: "b" },
      [{ path: "nam", got: "an unknown key", wanted: only, fix: "Remove it." }],
    ],
    [
      "every unknown key, not the first alone",
      { name: "a", zzzzz: 1, yyyyy: 2 },
      [
        { path: "zzzzz", got: "an unknown key", wanted: only, fix: "Remove it." },
        { path: "yyyyy", got: "an unknown key", wanted: only, fix: "Remove it." },
      ],
    ],
    [
      "a mistyped key inside a list",
      { name: "a", checks: [{ pth: "/" }] },
      [{ path: "checks[0].pth", got: "an unknown key", wanted: "`path`", fix: "Rename it to `path`." }],
    ],
    [
      "keys that every object has",
      JSON.parse('{ "name": "a", "constructor": 1, "__proto__": 2 }'),
      [
        { path: "constructor", got: "an unknown key", wanted: only, fix: "Remove it." },
        { path: "__proto__", got: "an unknown key", wanted: only, fix: "Remove it." },
      ],
    ],
    [
      "inherited keys",
      Object.create({ zzzzz: 1 }, { name: { value: "a", enumerable: true } }),
      [{ path: "zzzzz", got: "an unknown key", wanted: only, fix: "Remove it." }],
    ],
    [
      "a list for an object",
      { name: "a", store: ["x"] },
      [{ path: "store", got: '["x"]', wanted: "a store", fix: "Write a store." }],
    ],
    [
      "an object for a list",
      { name: "a", checks: {} },
      [{ path: "checks", got: "{}", wanted: "a list of checks", fix: "Write a list of checks." }],
    ],
    [
      "none of a union",
      { name: "a", either: true },
      [{ path: "either", got: "true", wanted: "text or a number", fix: "Write text or a number." }],
    ],
    [
      "nothing at all",
      undefined,
      [{ path: "", got: "nothing", wanted: "an object", fix: "Write an object." }],
    ],
  ])("reports %s", (_what, value, expected) => {
    expect(problemsOf(value)).toEqual(expected);
  });

  it("starts paths where it is told to", () => {
    const problems = new Problems();
    parse(SCHEMA, { name: "a", checks: [{ path: 1 }] }, "slos[2]", problems);
    expect(problems.list[0]!.path).toBe("slos[2].checks[0].path");
  });

  it("reports a value that throws, without its words", () => {
    const hostile = {
      get name(): string {
        throw new Error("postgres://user:secret@host");
      },
    };
    expect(problemsOf(hostile)).toEqual([
      {
        path: "",
        got: "a value that throws when it is read",
        wanted: "plain data",
        fix: "Write plain values, without getters or proxies.",
      },
    ]);
  });
});

describe("parsePartly", () => {
  it("gives the keys that are sound, and names those that are not", () => {
    const problems = new Problems();
    const { value, raw, failed } = parsePartly(SCHEMA, { nmae: "a", count: 3, store: 4 }, "", problems);
    expect(value).toEqual({ count: 3 });
    expect(raw.store).toBe(4);
    expect([...failed].sort()).toEqual(["name", "store"]);
    expect(problems.list).toHaveLength(2);
  });

  it("counts every key as failed when the value is no object", () => {
    const { value, failed } = parsePartly(SCHEMA, null, "", new Problems());
    expect(value).toEqual({});
    expect(failed.size).toBe(6);
  });

  it("does not fail an object's own keys for an unknown one", () => {
    const problems = new Problems();
    const { value, failed } = parsePartly(SCHEMA, { name: "a", zzzzz: 1 }, "", problems);
    expect(value).toEqual({ name: "a" });
    expect(failed.size).toBe(0);
    expect(problems.list).toHaveLength(1);
  });

  it("fails the key that holds an object with an unknown key", () => {
    const { failed } = parsePartly(
      SCHEMA,
      { name: "a", store: { bucket: "b", zzzzz: 1 } },
      "",
      new Problems(),
    );
    expect([...failed]).toEqual(["store"]);
  });
});
