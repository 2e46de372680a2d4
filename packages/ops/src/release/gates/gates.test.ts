import { describe, expect, it, test } from "vitest";
import { GATE_NAMES } from "../gate-names.ts";
import { CASES, GATE_NOW, type GateCase, HEALTHY, opsOf } from "./cases.testkit.ts";
import type { Facts } from "./facts.ts";
import type { Gate, GateVerdict } from "./gate.ts";
import { GATES } from "./index.ts";

const { signal } = new AbortController();

function judge(gate: Gate, { facts, ops, version }: Omit<GateCase, "says">): Promise<GateVerdict> {
  const world = { ...HEALTHY, ...facts };
  return gate.run({
    ops: opsOf(ops),
    facts: world,
    now: () => GATE_NOW,
    signal,
    ...(version && { version }),
  });
}

it("has a gate of each name, in the order of the checklist", () => {
  expect(GATES.map(({ name }) => name)).toEqual([...GATE_NAMES]);
});

/** The duties of a gate; each runs them. */
describe.each(GATES.map((gate) => [gate.name, gate] as const))("the gate %s", (name, gate) => {
  const { passes = {}, fails, unknown } = CASES[name];

  it("says what it is, for the checklist", () => {
    for (const text of [gate.title, gate.looksAt(opsOf()), gate.mend, gate.command])
      expect(text).toMatch(/\S{2}/);
    expect(gate.title).not.toMatch(/\.$/);
  });

  it("opens in a healthy world", async () => {
    const { verdict, fix, reason } = await judge(gate, { facts: {} });
    expect({ verdict, fix }, reason).toEqual({ verdict: "passed", fix: undefined });
  });

  it("never opens in a world of which nothing is known", async () => {
    const empty = new Proxy({}, { get: () => async () => undefined }) as Facts;
    const outcome = await judge(gate, { facts: { ...allOf(empty), has: async () => false } }).catch(
      () => "rejects",
    );
    expect(outcome === "rejects" ? "rejects" : (outcome as GateVerdict).verdict).not.toBe("passed");
  });

  const cases = [
    ...Object.entries(passes).map(([title, given]) => ["passed", title, given] as const),
    ...Object.entries(fails).map(([title, given]) => ["failed", title, given] as const),
    ...Object.entries(unknown).map(([title, given]) => ["unknown", title, given] as const),
  ];
  test.each(cases)("is %s on: %s", async (wanted, _title, given) => {
    const found = await judge(gate, given);
    expect(found.verdict, found.reason).toBe(wanted);
    expect(found.reason).toContain(given.says);
    expect(found.reason).toMatch(/[.)]$/);
    expect(found.fix === undefined).toBe(wanted === "passed");
    // Evidence is recorded: plain data, and the same after it was.
    expect(JSON.parse(JSON.stringify(found.evidence))).toEqual(found.evidence);
  });
});

function allOf(facts: Facts): Facts {
  return Object.fromEntries(
    Object.keys(HEALTHY).map((key) => [key, facts[key as keyof Facts]]),
  ) as unknown as Facts;
}
