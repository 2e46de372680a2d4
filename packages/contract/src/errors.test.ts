import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { ERRORS, type ErrorCode, type ErrorEntry } from "./error-table.ts";
import { SeakeepError } from "./errors.ts";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

/** Entries of docs/errors.md: the code of each second-level heading, and the text below it. */
const entries = page
  .split(/^## /m)
  .slice(1)
  .map((section): [string, string] => {
    const [code, ...lines] = section.split("\n");
    return [code!, lines.join("\n").trim()];
  });
const table = Object.entries(ERRORS) as [ErrorCode, ErrorEntry][];

describe("docs/errors.md", () => {
  it("has one entry for each code of the table, and no other", () => {
    expect(entries.map(([code]) => code).sort()).toEqual(table.map(([code]) => code).sort());
  });

  test.each(table)("%s has the table's title and exit code, a reason and a cure", (code, { title, exit }) => {
    const [heading, ...body] = (entries.find(([entry]) => entry === code)?.[1] ?? "").split("\n\n");
    expect(heading).toBe(`**${title}** · exit code ${exit}`);
    expect(body.length).toBeGreaterThanOrEqual(2);
    expect(
      body.some((paragraph) => paragraph.startsWith("What to do: ") || paragraph === "What to do:"),
    ).toBe(true);
  });
});

describe("ERRORS", () => {
  test.each(table)("%s is a code and three plain texts", (code, { title, why, fix }) => {
    expect(code).toMatch(/^SK-[A-Z]+-\d{3}$/);
    expect(title).toMatch(/^\S.*[^.\s]$/);
    for (const sentence of [why, fix]) expect(sentence).toMatch(/^\S.*[.`]$/);
  });
});

describe("SeakeepError", () => {
  it("takes reason, cure and exit code from the table", () => {
    const error = new SeakeepError("SK-SERVICE-001", "It is wrong.");
    const { why, fix } = ERRORS["SK-SERVICE-001"];
    expect(error).toMatchObject({
      name: "SeakeepError",
      what: "It is wrong.",
      why,
      fix,
      exit: 2,
      problems: [],
    });
    expect(error.message).toBe(`SK-SERVICE-001: It is wrong.\n  why: ${why}\n  fix: ${fix}`);
    expect(error).toBeInstanceOf(Error);
    expect(Object.hasOwn(error, "cause")).toBe(false);
  });

  it("takes what is known better this time", () => {
    const cause = new Error("EACCES");
    const problems = [{ path: "a", got: "1", wanted: "2", fix: "Write 2." }];
    const error = new SeakeepError("SK-SERVICE-001", "It is wrong.", {
      why: "Because.",
      fix: "Do.",
      cause,
      problems,
    });
    expect(error).toMatchObject({ why: "Because.", fix: "Do.", cause, problems });
    expect(error.message).toBe("SK-SERVICE-001: It is wrong.\n  why: Because.\n  fix: Do.");
  });
});
