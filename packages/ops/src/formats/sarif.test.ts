import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { SARIF_SCHEMA } from "../../test/sarif-schema.ts";
import { type SarifRun, sarif } from "./sarif.ts";

const validate = new Ajv({ strict: false }).compile(SARIF_SCHEMA);

const RUN: SarifRun = {
  tool: { name: "seakeep", version: "1.0.0" },
  rules: [
    { id: "lock", description: "A lock is held for long.", helpUri: "https://docs.example/lock" },
    { id: "gate", description: "The gate is open." },
  ],
  results: [
    {
      ruleId: "gate",
      level: "error",
      message: "It is open.",
      place: { file: "db/a b:c#d.sql", line: 3, column: 5, endLine: 4, endColumn: 1 },
      fingerprint: "abc",
    },
    { ruleId: "lock", level: "warning", message: "It waits.", place: { file: "https://courses.example/" } },
    { ruleId: "lock", level: "note", message: "No place." },
  ],
};

test("is valid by the standard's schema", () => {
  validate(sarif(RUN));
  expect(validate.errors).toBeNull();
  validate(sarif({ ...RUN, rules: [], results: [] }));
  expect(validate.errors).toBeNull();
});

test("the schema would find a mistake", () => {
  const wrong = JSON.parse(JSON.stringify(sarif(RUN)).replace('"level":"error"', '"level":"fatal"'));
  expect(validate(wrong)).toBe(false);
});

test("points at a rule, a place and what tells findings apart", () => {
  const [run] = (sarif(RUN) as { runs: { results: unknown[] }[] }).runs;
  expect(run!.results).toEqual([
    {
      ruleId: "gate",
      ruleIndex: 1,
      level: "error",
      message: { text: "It is open." },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "db/a%20b%3Ac%23d.sql" },
            region: { startLine: 3, startColumn: 5, endLine: 4, endColumn: 1 },
          },
        },
      ],
      partialFingerprints: { "seakeep/v1": "abc" },
    },
    {
      ruleId: "lock",
      ruleIndex: 0,
      level: "warning",
      message: { text: "It waits." },
      locations: [{ physicalLocation: { artifactLocation: { uri: "https://courses.example/" } } }],
    },
    { ruleId: "lock", ruleIndex: 0, level: "note", message: { text: "No place." } },
  ]);
});

test("says when the run could not see everything", () => {
  expect(sarif({ ...RUN, complete: false })).toMatchObject({
    runs: [{ invocations: [{ executionSuccessful: false }] }],
  });
});
