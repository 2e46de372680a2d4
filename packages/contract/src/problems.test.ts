import { expect, it } from "vitest";
import { Problems } from "./problems.ts";

it("prints each problem with its path, what was got, what was wanted and how to mend it", () => {
  const problems = new Problems();
  problems.add("slos[0].objective", 0.99, "a percentage", "Write 99.");
  problems.report({ path: "", got: "an unknown key", wanted: "only name", fix: "Remove it." });
  expect(String(problems)).toBe(
    "  slos[0].objective: got 0.99, wanted a percentage\n    fix: Write 99.\n" +
      "  the declaration: got an unknown key, wanted only name\n    fix: Remove it.",
  );
});

it("keeps one of the same complaint at the same place", () => {
  const problems = new Problems();
  problems.add("name", "A", "lower case", "Write a.");
  problems.add("name", "A", "lower case", "Write a.");
  problems.add("owner", "A", "lower case", "Write a.");
  problems.add("name", "A", "a short name", "Cut it.");
  expect(problems.list.map(({ path, wanted }) => [path, wanted])).toEqual([
    ["name", "lower case"],
    ["owner", "lower case"],
    ["name", "a short name"],
  ]);
});

it("prints the first fifty of very many, and keeps them all", () => {
  const problems = new Problems();
  for (let index = 0; index < 1000; index++) problems.add(`routes[${index}]`, "x", "a route", "Mend it.");
  expect(problems.list).toHaveLength(1000);
  expect(String(problems).split("\n")).toHaveLength(101);
  expect(String(problems)).toMatch(/ {2}and 950 more$/);
});
