import { describe, expect, test } from "vitest";
import { passing, report } from "../../../test/report.ts";
import { parseExposition } from "../../exposition/exposition.ts";
import type { CheckReport } from "../report.ts";
import { runLines } from "./line.ts";
import { afterRun, exposition, NO_RUN } from "./metrics.ts";
import { watch } from "./watch.ts";

/** A watch on a clock of its own: each run takes the next of these times, and the last ends it. */
async function watched(took: readonly number[], everyMs = 10) {
  let clock = 1_000;
  let under = 0;
  const starts: number[] = [];
  const skips: number[] = [];
  const ending = new AbortController();
  await watch(
    async () => {
      under += 1;
      expect(under).toBe(1);
      starts.push(clock - 1_000);
      clock += took[starts.length - 1]!;
      under -= 1;
      return passing;
    },
    (_report, skipped) => {
      skips.push(skipped);
      if (skips.length === took.length) ending.abort();
    },
    { everyMs, signal: ending.signal },
    {
      now: () => clock,
      wait: async (ms) => {
        clock += Math.max(ms, 0);
      },
    },
  );
  return { starts, skips };
}

describe("a watch", () => {
  test("keeps its pace, however long a run takes", async () => {
    expect(await watched([1, 9, 4, 1])).toEqual({ starts: [0, 10, 20, 30], skips: [0, 0, 0, 0] });
  });

  test("leaves out the runs that were due while another was under way, and counts them", async () => {
    expect(await watched([1, 35, 1, 1])).toEqual({ starts: [0, 10, 50, 60], skips: [0, 0, 3, 0] });
    expect(await watched([10, 20, 1])).toEqual({ starts: [0, 10, 30], skips: [0, 0, 1] });
  });

  test("does not tell of a run that was interrupted", async () => {
    const ending = new AbortController();
    const told: CheckReport[] = [];
    const run = async () => {
      ending.abort();
      return report;
    };
    const edges = { now: () => 0, wait: async () => {} };
    await watch(run, (seen) => void told.push(seen), { everyMs: 1, signal: ending.signal }, edges);
    expect(told).toEqual([]);
  });
});

describe("its metrics", () => {
  const read = (text: string) => {
    const parsed = parseExposition(text);
    if ("line" in parsed) throw new Error(`line ${parsed.line} ${parsed.what}`);
    return parsed;
  };

  test("say nothing of any check before the first run", () => {
    const { samples, types } = read(exposition(NO_RUN, "shop"));
    expect([...types.keys()]).toEqual(["seakeep_check_runs_total", "seakeep_check_runs_skipped_total"]);
    expect(samples("seakeep_check_runs_total").map(({ value }) => value)).toEqual([0, 0, 0]);
  });

  test("give each check one verdict, which for what is unknown is neither of the others", () => {
    const state = afterRun(afterRun(NO_RUN, passing, 0, 1), report, 2, 1_763_884_800.5);
    const { samples } = read(exposition(state, "shop"));
    const verdicts = samples("seakeep_check_status")
      .filter(({ value }) => value === 1)
      .map(({ labels }) => labels.verdict);
    expect(verdicts).toEqual(["passed", "passed", "failed", "unknown"]);
    expect(samples("seakeep_check_status")).toHaveLength(12);
    expect(samples("seakeep_check_attempts").map(({ value }) => value)).toEqual([1, 3, 1, 1]);
    expect(samples("seakeep_check_runs_total").map(({ value }) => value)).toEqual([1, 1, 0]);
    expect(samples("seakeep_check_runs_skipped_total")[0]).toMatchObject({
      labels: { service: "shop" },
      value: 2,
    });
    expect(samples("seakeep_check_last_run_timestamp_seconds")[0]!.value).toBe(1_763_884_800.5);
  });
});

test("its lines name what did not pass, and what passes again", () => {
  const paint = (_colour: string, text: string): string => text;
  const failed = { ...report, checks: report.checks.slice(0, 3) };
  expect(runLines(failed, new Map(), paint)).toBe(
    "2026-11-23T08:00:00.000Z  2 passed, 1 failed in 1013 ms\n  ✗ failed  metrics-gate  The gate is open.",
  );
  const healed = runLines(passing, new Map([["health", "unknown"]]), paint);
  expect(healed.split("\n")[1]).toBe("  ✓ passed  health  GET /healthz answered 200. (was unknown)");
});
