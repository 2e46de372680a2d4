import { expect, it } from "vitest";
import { answersOf, type Dimension, type Evidence, QUESTIONS } from "./dimensions.ts";
import { decide, holds, MATRIX, missing, possibilities, type Rule } from "./matrix.ts";

/** Every combination of answers. */
const ALL: readonly Evidence[] = QUESTIONS.reduce<Partial<Evidence>[]>(
  (partial, dimension) =>
    partial.flatMap((evidence) =>
      answersOf(dimension).map((answer) => ({ ...evidence, [dimension]: answer })),
    ),
  [{}],
) as Evidence[];

const DECIDED = ALL.map((evidence) => ({ evidence, rule: decide(evidence) }));

const losesData = (rule: Rule, { loss }: Evidence) =>
  rule.decision === "restore-database" && loss !== "nothing";

/** Fails with the first combination that is not as it must be, and never for want of combinations. */
function every(seen: (typeof DECIDED)[number][], is: (evidence: Evidence, rule: Rule) => boolean): void {
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.find(({ evidence, rule }) => !is(evidence, rule))).toBeUndefined();
}

const where = (is: (evidence: Evidence, rule: Rule) => boolean) =>
  DECIDED.filter(({ evidence, rule }) => is(evidence, rule));

it("is asked of every combination", () => {
  const sizes = QUESTIONS.map((dimension) => answersOf(dimension).length);
  expect(ALL).toHaveLength(sizes.reduce((product, size) => product * size, 1));
  expect(new Set(ALL.map((evidence) => JSON.stringify(evidence))).size).toBe(ALL.length);
});

it("decides every combination by the first row that holds, and reaches every row", () => {
  every(
    DECIDED,
    (evidence, rule) => rule !== undefined && MATRIX.filter((row) => holds(row, evidence))[0] === rule,
  );
  const reached = new Set(DECIDED.map(({ rule }) => rule.id));
  expect(MATRIX.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([]);
  expect(reached.size).toBe(MATRIX.length);
});

it("names answers that there are", () => {
  const unknown = MATRIX.flatMap(({ id, when }) =>
    Object.entries(when).flatMap(([dimension, answers]) =>
      (answers as readonly string[])
        .filter((answer) => !(answersOf(dimension as Dimension) as readonly string[]).includes(answer))
        .map((answer) => `${id}: ${dimension} ${answer}`),
    ),
  );
  expect(unknown).toEqual([]);
});

it("gives data up only for data that is damaged, from a proven backup, at a known cost", () => {
  every(
    where((_, rule) => rule.decision === "restore-database"),
    ({ data, backup, loss }) => data === "damaged" && backup === "proven" && loss !== "unknown",
  );
  // Sound data, and data that nobody looked at, is never given up: every other decision loses nothing.
  every(
    where(({ data }) => data !== "damaged"),
    (evidence, rule) => !losesData(rule, evidence),
  );
});

it("never goes back by what is not known", () => {
  every(
    where((_, { decision }) => decision === "roll-back-app"),
    ({ service, deploy, previous, schema }) =>
      service === "harmed" &&
      deploy === "made" &&
      previous === "known" &&
      ["unchanged", "fits"].includes(schema),
  );
  every(
    where((_, { decision }) => decision === "revert-migration-then-app"),
    ({ service, deploy, previous, down }) =>
      service === "harmed" && deploy === "made" && previous === "known" && down === "lossless",
  );
  // Restored data under the code that damaged it would be damaged again.
  every(
    where(({ deploy }, { decision }) => decision === "restore-database" && deploy !== "none"),
    ({ deploy, previous }) => deploy === "made" && previous === "known",
  );
});

it("never calls it well without having seen that it is", () => {
  every(
    where((_, { decision }) => decision === "wait"),
    ({ service, data }) => ["healthy", "recovered"].includes(service) && data === "sound",
  );
});

it("loses no more data for knowing less", () => {
  const worse = ALL.flatMap((evidence) =>
    QUESTIONS.flatMap((dimension) => {
      const less = { ...evidence, [dimension]: "unknown" } as Evidence;
      return losesData(decide(less), less) && !losesData(decide(evidence), evidence)
        ? [{ evidence, less }]
        : [];
    }),
  );
  expect(worse).toEqual([]);
});

it("takes the cheapest way back that is known to lose nothing", () => {
  const harmed = { data: "sound", service: "harmed", deploy: "made", previous: "known" } as const;
  every(
    where((evidence) => Object.entries(harmed).every(([key, value]) => evidence[key as Dimension] === value)),
    ({ schema, down }, { decision }) => {
      if (schema === "unchanged" || schema === "fits") return decision === "roll-back-app";
      if (down === "lossless") return decision === "revert-migration-then-app";
      return decision === "roll-forward" || decision === "find-out";
    },
  );
});

it("does not stop acting when things get worse", () => {
  const acts = (evidence: Evidence) => !["wait", "find-out"].includes(decide(evidence).decision);
  every(
    where(({ service }) => service === "healthy" || service === "recovered"),
    (evidence) => !acts(evidence) || acts({ ...evidence, service: "harmed" }),
  );
  // And damage is never less urgent than harm: it is acted on, or what is missing is asked for.
  every(
    where(({ data }) => data === "damaged"),
    (_, { decision }) => decision !== "wait",
  );
});

it("does not depend on what does not concern it", () => {
  const stays = (dimension: Dimension, unless: (evidence: Evidence) => boolean) =>
    every(
      where((evidence) => !unless(evidence)),
      (evidence, { id }) =>
        answersOf(dimension).every(
          (answer) => decide({ ...evidence, [dimension]: answer } as Evidence).id === id,
        ),
    );
  for (const dimension of ["service", "schema", "down"] as const)
    stays(dimension, ({ data }) => data !== "damaged");
  for (const dimension of ["backup", "loss"] as const) stays(dimension, ({ data }) => data === "damaged");
});

it("asks for an answer only where it is missing, and where it would help", () => {
  every(
    where((_, { decision }) => decision === "find-out"),
    (evidence, { get }) => {
      if (get === undefined) return false;
      if (evidence[get] !== "unknown" && evidence[get] !== "unproven") return false;
      return answersOf(get).some((answer) => decide({ ...evidence, [get]: answer } as Evidence).get !== get);
    },
  );
  // Once all is known, only an unproven backup can keep a decision open.
  every(
    where((evidence) => !QUESTIONS.some((dimension) => evidence[dimension] === "unknown")),
    ({ backup, data }, { decision }) =>
      decision !== "find-out" || (data === "damaged" && backup === "unproven"),
  );
});

it("lists the missing answers that would change the decision, and no others", () => {
  const unknown = Object.fromEntries(
    QUESTIONS.map((dimension) => [dimension, "unknown"]),
  ) as unknown as Evidence;
  expect(missing(unknown)[0]).toBe("service");
  expect(missing({ ...unknown, service: "harmed", deploy: "none", data: "sound" })).toEqual([]);
  const sample = ALL.filter((_, index) => index % 37 === 0);
  for (const evidence of sample) {
    const named = missing(evidence);
    const settled = [...possibilities({ ...evidence })].map((possible) => decide(possible).decision);
    // With nothing missing that matters, every possibility comes to one decision.
    if (named.length === 0) expect(new Set(settled).size).toBe(1);
  }
});
