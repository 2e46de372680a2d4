import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Keep, type Kept } from "./retention.ts";

const DAY = 86_400_000;
const now = new Date("2026-11-23T12:00:00Z");
/** So many backups, one a day at noon, the newest last. */
function daily(count: number, states: Readonly<Record<number, Kept["state"]>> = {}): Kept[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(index),
    at: new Date(now.getTime() - (count - 1 - index) * DAY),
    state: states[index] ?? "complete",
  }));
}

/** Days before the newest of those kept. */
function kept(backups: readonly Kept[], keep: Keep): number[] {
  return decide(backups, keep, now)
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ backup }) => Math.round((now.getTime() - backup.at.getTime()) / DAY))
    .reverse();
}

describe("decide", () => {
  it("keeps the newest of each day, week, month and year that has one", () => {
    expect(kept(daily(40), { daily: 3 })).toEqual([0, 1, 2]);
    // 23 November 2026 is a Monday: the newest of the weeks before are Sundays.
    expect(kept(daily(40), { weekly: 3 })).toEqual([0, 1, 8]);
    expect(kept(daily(60), { monthly: 3 })).toEqual([0, 23, 54]);
    expect(kept(daily(800), { yearly: 3 })).toEqual([0, 327, 692]);
    expect(kept(daily(40), { daily: 2, weekly: 2, monthly: 2 })).toEqual([0, 1, 23]);
  });

  it("counts days that have a backup, not days", () => {
    const sparse = daily(40).filter((_, index) => index % 10 === 9);
    expect(kept(sparse, { daily: 3 })).toEqual([0, 10, 20]);
  });

  it("keeps the newest of a day, not the first", () => {
    const hourly = [10, 8, 6, 4].map((hours) => ({
      id: `${hours}`,
      at: new Date(now.getTime() - hours * 3_600_000),
      state: "complete" as const,
    }));
    expect(decide(hourly, { daily: 1 }, now).map(({ reasons }) => reasons.length > 0)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("keeps by number and by age", () => {
    expect(kept(daily(10), { last: 4 })).toEqual([0, 1, 2, 3]);
    expect(kept(daily(10), { within: "2d" })).toEqual([0, 1, 2]);
  });

  it("keeps the newest and the newest proven one, whatever is said", () => {
    expect(kept(daily(10, { 2: "proven", 4: "proven" }), { last: 1 })).toEqual([0, 5]);
    expect(kept(daily(10, { 2: "proven", 4: "proven" }), { last: 1, proven: 2 })).toEqual([0, 5, 7]);
  });

  it("lets a damaged one neither stand for its day nor go", () => {
    expect(kept(daily(5, { 4: "damaged" }), { last: 1 })).toEqual([0, 1]);
  });

  it("never lets go the newest sound one nor the newest proven one, for any rules and any history", () => {
    const state = fc.constantFrom("complete" as const, "proven" as const, "damaged" as const);
    const count = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
    const rules = fc.record({
      last: count,
      daily: count,
      weekly: count,
      monthly: count,
      yearly: count,
      proven: count,
    });
    fc.assert(
      fc.property(fc.array(fc.record({ age: fc.nat(1000), state })), rules, (history, keep) => {
        const backups = history.map(({ age, ...rest }, index) => ({
          ...rest,
          id: `${index}`,
          at: new Date(now.getTime() - age * 3_600_000),
        }));
        const gone = new Set(
          decide(backups, keep as Keep, now)
            .filter(({ reasons }) => reasons.length === 0)
            .map(({ backup }) => backup),
        );
        const sound = backups.filter((backup) => backup.state !== "damaged");
        const proven = backups.filter((backup) => backup.state === "proven").slice(-(keep.proven ?? 1));
        for (const backup of [...sound.slice(-1), ...proven]) expect(gone.has(backup)).toBe(false);
        expect([...gone].every((backup) => backup.state !== "damaged")).toBe(true);
      }),
    );
  });
});
