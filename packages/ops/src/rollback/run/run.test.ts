import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planFor } from "../plan.ts";
import { drift } from "./drift.ts";
import { type RunEdges, walk, wayBack } from "./run.ts";
import { type Basis, type RunState, readState, writeState } from "./state.ts";

const basis: Basis = {
  database: { name: "shop", system: "7", applied: ["003", "004_a", "005_b"] },
  backup: { id: "b1", checksum: "c", into: "shop_from_b1", snapshotAt: "2026-11-23T00:00:00Z" },
};

function begin(decision: Parameters<typeof planFor>[0]): RunState {
  const steps = planFor(decision, {
    rollback: { app: { command: ["deploy", "{previous}"], check: ["is", "{previous}"] } },
    ...{
      options: [],
      identity: [],
      deployed: true,
      current: "v2",
      previous: "v1",
      revert: ["005_b", "004_a"],
    },
    database: { name: "shop", fingerprint: "f" },
    backup: { id: "b1", into: "shop_from_b1" },
  });
  const progress = steps.map(() => ({ state: "pending" }) as const);
  const rest = {
    service: "shop",
    because: "",
    fingerprint: "0",
    startedAt: "2026-11-23T09:00:00Z",
    said: {},
  };
  return { format: 1, ...rest, decision, basis, steps, progress };
}

/** A world in which a command does its step, and the process may end at any edge it touches. */
function world(dies: number) {
  const done = new Set<string>();
  const ran: string[] = [];
  let [touched, disk] = [0, undefined as string | undefined];
  const touch = () => {
    if (++touched === dies) throw new Error("killed");
  };
  let applied = [...basis.database!.applied!];
  const edges: RunEdges = {
    async save(state) {
      touch();
      disk = JSON.stringify(state);
      touch();
    },
    look: async () => ({ ...basis, database: { ...basis.database!, applied } }),
    isDone: async (_, step) => (step.kind === "look" ? undefined : done.has(step.command.join(" "))),
    newestBackup: async () => 1,
    loss: async () => ({
      loss: { tables: [], lost: 3, back: 0, values: 0, largeObjects: 0 },
      ...{ seconds: 90, database: "shop" },
    }),
    async command(words) {
      touch();
      const line = words.join(" ");
      ran.push(line);
      done.add(line);
      if (words[2] === "revert" && words[4] === undefined)
        applied = applied.filter((name) => name !== words[3]);
      touch();
      return 0;
    },
    settled: async () => {},
    confirm: async () => "go",
    confirmLoss: async () => "lose 3 rows and 1m 30s of shop",
    note: () => {},
    now: () => new Date("2026-11-23T09:00:00Z"),
    signal: new AbortController().signal,
  };
  return {
    edges,
    ran,
    disk: () => (disk === undefined ? undefined : (JSON.parse(disk) as RunState)),
    touches: () => touched,
  };
}

describe.each(["revert-migration-then-app", "restore-database"] as const)("a run of %s", (decision) => {
  it("does each step once, whatever moment it is killed at", async () => {
    const whole = world(0);
    expect((await walk(begin(decision), whole.edges)).outcome).toBe("done");
    expect(whole.touches()).toBeGreaterThan(10);
    const plan = begin(decision).steps.map(({ command }) => command.join(" "));
    for (let at = 1; at <= whole.touches(); at++) {
      const killed = world(at);
      await expect(walk(begin(decision), killed.edges)).rejects.toThrow("killed");
      const result = await walk(killed.disk() ?? begin(decision), killed.edges);
      expect(result.outcome).toBe("done");
      // In order; looking is done again, all else once.
      const steps = killed.ran.filter((line) => plan.includes(line) && !line.endsWith(" check"));
      expect(steps).toEqual(plan.filter((line) => !line.endsWith(" check")));
      expect(killed.disk()).toMatchObject({ outcome: "done" });
    }
  });
});

describe("a run", () => {
  it("loses nothing without the text that names it", async () => {
    for (const given of ["", "yes", "lose 2 rows and 1m 30s of shop", undefined]) {
      const { edges, ran, disk } = world(0);
      const run = walk(begin("restore-database"), { ...edges, confirmLoss: async () => given });
      await expect(run).rejects.toThrow("lose 3 rows and 1m 30s of shop");
      expect(ran.some((line) => line.includes("--swap"))).toBe(false);
      expect(disk()?.lostSeconds).toBe(90);
    }
  });

  it("names the same time on and on, for writes are held", async () => {
    const { edges } = world(0);
    const asked: string[] = [];
    const first = { ...begin("restore-database"), lostSeconds: 30 };
    const confirmLoss = async (phrase: string) => {
      asked.push(phrase);
      return phrase;
    };
    expect((await walk(first, { ...edges, confirmLoss })).state.lost).toBe("lose 3 rows and 30s of shop");
    expect(asked).toEqual(["lose 3 rows and 30s of shop"]);
  });

  it("stops where a command fails, does nothing, or is not confirmed", async () => {
    const { edges } = world(0);
    const plan = () => begin("roll-back-app");
    expect(await walk(plan(), { ...edges, command: async () => 4 })).toMatchObject({
      outcome: "failed",
      problem: "it ended with 4",
    });
    const idle = { ...edges, isDone: async () => false };
    expect((await walk(plan(), idle)).problem).toBe("it ended with 0, and did not do it");
    const stopped = await walk(plan(), { ...world(0).edges, confirm: async () => "stop" });
    expect(stopped).toMatchObject({ outcome: "stopped" });
    expect(wayBack(stopped.state)).toEqual([]);
    const aborted = await walk(plan(), {
      ...world(0).edges,
      confirm: async (_, index) => (index === 0 ? "go" : "abort"),
    });
    expect(aborted.outcome).toBe("aborted");
    expect(wayBack(aborted.state)).toMatchObject([{ command: ["deploy", "v2"] }]);
  });

  it("skips what somebody has done already", async () => {
    const { edges, ran } = world(0);
    await walk(begin("roll-back-app"), {
      ...edges,
      isDone: async (_, { kind }) => (kind === "look" ? undefined : true),
    });
    expect(ran).toEqual(["seakeep check"]);
  });

  it("stops when what it rests on has changed", async () => {
    const { edges, ran } = world(0);
    const look = async (): Promise<Basis> => ({ ...basis, backup: { ...basis.backup!, checksum: "other" } });
    await expect(walk(begin("restore-database"), { ...edges, look })).rejects.toThrow("SK-ROLLBACK-004");
    expect(ran).toEqual([]);
  });
});

describe("what a plan rests on", () => {
  const state = begin("revert-migration-then-app");
  const now = (applied: readonly string[], rest: Basis = basis) => ({
    ...rest,
    database: { ...basis.database!, applied },
  });
  it("may change by the plan's own steps, the one that was cut off too", () => {
    expect(drift(state, 0, now(["003", "004_a", "005_b"]))).toEqual([]);
    expect(drift(state, 0, now(["003", "004_a"]))).toEqual([]);
    expect(drift(state, 2, now(["003"]))).toEqual([]);
  });

  it("may not change by anything else", () => {
    expect(drift(state, 0, now(["003", "004_a", "005_b", "006"]))).toEqual([
      "the migrations that are applied have changed, more: 006",
    ]);
    expect(drift(state, 2, now(["003", "004_a", "005_b"]))).toHaveLength(1);
    expect(drift(state, 0, {})).toHaveLength(2);
    const moved = { ...basis, database: { ...basis.database!, system: "8" } };
    expect(drift(state, 0, moved)).toEqual(["it is another database or server"]);
    expect(drift(state, 0, { database: basis.database! })).toHaveLength(1);
  });

  it("has other migrations after a swap", () => {
    const restoring = begin("restore-database");
    expect(drift(restoring, 4, now(["003"]))).toEqual([]);
    expect(drift(restoring, 2, now(["003"]))).toHaveLength(1);
  });
});

describe("the state on disk", () => {
  it("is read back as it was written, by its owner alone, and by nothing else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "seakeep-rollback-"));
    try {
      const file = join(folder, "deep/state.json");
      expect(await readState(file, "shop")).toBeUndefined();
      const state = begin("restore-database");
      await writeState(file, state);
      expect(await readState(file, "shop")).toEqual(state);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await expect(readState(file, "other")).rejects.toThrow("SK-ROLLBACK-005");
      const text = await readFile(file, "utf8");
      for (const broken of [
        "",
        "{}",
        text.slice(0, -20),
        text.replace('"kind": "hold"', '"kind": "rm"'),
        text.replace('"pending"', '"maybe"'),
      ]) {
        await writeFile(file, broken);
        await expect(readState(file, "shop")).rejects.toThrow("SK-ROLLBACK-005");
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
