import { expect, it } from "vitest";
import { DECISIONS, type Decision } from "./matrix.ts";
import { fingerprintOf, type PlanFacts, planFor } from "./plan.ts";
import { shown } from "./words.ts";

const facts: PlanFacts = {
  rollback: { app: { command: ["deploy", "shop:{previous}"], check: ["is", "{previous}"] } },
  options: ["--config", "my config.ts"],
  identity: ["--identity", "key.pem"],
  deployed: true,
  ...{ current: "v2", previous: "v1", fix: "v3" },
  revert: ["005_b", "004_a"],
  database: { name: "shop", fingerprint: "0a1b2c3d" },
  backup: { id: "b000007-20261123t063000z-7f3a", into: "shop_from_b000007_7f3a" },
};
const lines = (decision: Decision, given: PlanFacts = facts) =>
  planFor(decision, given).map(({ command }) => shown(command));

it("plans nothing where nothing is to be done", () => {
  expect([lines("wait"), lines("find-out"), lines("roll-forward", { ...facts, fix: undefined })]).toEqual([
    [],
    [],
    [],
  ]);
});

it("plans exact commands, in the order in which nothing is lost on the way", () => {
  const config = "--config 'my config.ts'";
  expect(lines("roll-back-app")).toEqual(["deploy shop:v1", `seakeep check ${config}`]);
  expect(lines("roll-forward")).toEqual(["deploy shop:v3", `seakeep check ${config}`]);
  expect(lines("revert-migration-then-app")).toEqual([
    `seakeep rollback revert 005_b ${config}`,
    `seakeep rollback revert 004_a ${config}`,
    "deploy shop:v1",
    `seakeep check ${config}`,
  ]);
  expect(lines("restore-database")).toEqual([
    `seakeep rollback writes hold ${config}`,
    `seakeep backup create ${config}`,
    `seakeep restore b000007-20261123t063000z-7f3a --into shop_from_b000007_7f3a ${config} --identity key.pem`,
    `seakeep restore b000007-20261123t063000z-7f3a --swap --into shop_from_b000007_7f3a --confirm=shop@0a1b2c3d ${config} --identity key.pem`,
    "deploy shop:v1",
    `seakeep rollback writes release ${config}`,
    `seakeep check ${config}`,
  ]);
});

it("leaves the app alone when no deploy did the damage", () => {
  const kinds = planFor("restore-database", { ...facts, deployed: false }).map(({ kind }) => kind);
  expect(kinds).not.toContain("app");
});

it("uses the project's own migration tool where there is one, after a copy, one migration a step", () => {
  const migrate = { down: ["tool", "down", "{count}", "{migration}"], up: ["tool", "up", "{count}"] };
  const steps = planFor("revert-migration-then-app", { ...facts, rollback: { ...facts.rollback, migrate } });
  expect(steps.map(({ command }) => shown(command)).slice(0, 3)).toEqual([
    "seakeep backup create --config 'my config.ts'",
    "tool down 1 005_b",
    "tool down 1 004_a",
  ]);
  expect(steps[2]?.back.command).toEqual(["tool", "up", "1"]);
});

it("gives every step a check and a way back, and marks the one that loses data", () => {
  for (const decision of Object.keys(DECISIONS) as Decision[]) {
    for (const step of planFor(decision, facts)) {
      expect(step.does).toMatch(/\.$/);
      expect(step.check.command.length).toBeGreaterThan(0);
      expect(step.check.see).toMatch(/\.$/);
      expect(step.back.command !== undefined || step.back.does.startsWith("Nothing to take back")).toBe(true);
      expect(step.loses === true).toBe(step.kind === "swap");
    }
  }
});

it("says so where a command cannot name the way back", () => {
  const rollback = { app: { command: ["kubectl", "rollout", "undo", "deploy/shop"] } };
  const [step] = planFor("roll-back-app", { ...facts, rollback });
  expect(step?.back).toEqual({ does: "Deploys v2 again. Use what deployed it." });
});

it.each(["--image=evil", "v1 v2", "../v1"])("refuses %s", (previous) => {
  expect(() => planFor("roll-back-app", { ...facts, previous })).toThrow("SK-ROLLBACK-001");
  expect(() => planFor("wait", { ...facts, current: previous })).toThrow("SK-ROLLBACK-001");
  expect(() => planFor("wait", { ...facts, revert: [previous.replace(" ", "/")] })).toThrow(
    "SK-ROLLBACK-001",
  );
});

it("has a fingerprint that any other command changes", () => {
  const of = (given: PlanFacts) => fingerprintOf("roll-back-app", planFor("roll-back-app", given));
  expect(of(facts)).toMatch(/^[0-9a-f]{12}$/);
  expect(of(facts)).toBe(of({ ...facts, fix: "v4" }));
  expect(of(facts)).not.toBe(of({ ...facts, previous: "v0" }));
  expect(of(facts)).not.toBe(of({ ...facts, current: "v0" }));
});
