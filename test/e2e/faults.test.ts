import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTrial } from "../faults/baseline.ts";
import { KINDS, QUICK } from "../faults/kinds/index.ts";
import { judge } from "../faults/oracle.ts";
import { openRuns, type Runs } from "../faults/runs.ts";
import { judgeSurroundings, look } from "../faults/surroundings.ts";

let runs: Runs;
beforeAll(async () => {
  runs = await openRuns();
});
afterAll(() => runs?.close());

// One of each, and twelve of each that is quick: a hundred runs; script/faults does a thousand and more.
describe("nothing untrue is said after", () => {
  test.each(Object.keys(KINDS))("%s", async (kind) => {
    for (let seed = 1; seed <= (QUICK.includes(kind) ? 12 : 1); seed++) {
      const { lies, notes } = await runs.run(seed, kind);
      expect(lies, `seed ${seed}: ${notes.join("; ")}`).toEqual([]);
    }
  });
});

test("the oracle notices what is not so", async () => {
  const { world, baselines } = runs;
  const folder = join(world.scratch.folder, "trial-oracle");
  const trial = await openTrial(world, { folder, seed: 0, kind: "oracle" }, baselines);
  const [first, second] = [...trial.known.keys()] as [string, string];
  trial.known.set(first, "other content");
  trial.known.set("b000009-20261123t063000z-7f3a", "a backup that is gone");
  await judge(trial, { damaged: new Set([second]) });
  expect(trial.lies.join("\n")).toMatch(/is no longer listed/);
  expect(trial.lies.join("\n")).toMatch(`${first} was restored to other content`);
  expect(trial.lies).toContain(`verify calls damaged ${second} sound`);
  expect(trial.lies).toContain(`restore calls damaged ${second} validated`);
  trial.lies.length = 0;
  const before = await look(world);
  const [secret, what] = [...world.secrets][0]!;
  trial.outputs.push(`an error with ${secret}`);
  await writeFile(join(trial.temporary, "left"), "");
  await world.source.query("create database left_over");
  await world.source.query("select pg_advisory_lock(1)");
  await judgeSurroundings(trial, before);
  expect(trial.lies).toEqual([
    expect.stringContaining("left_over"),
    "left on the server: advisory lock",
    "temporary file left: left",
    `${what} in an output`,
  ]);
  await world.source.query("drop database left_over");
  await world.source.query("select pg_advisory_unlock(1)");
});
