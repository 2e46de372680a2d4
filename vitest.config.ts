import { defineConfig } from "vitest/config";

/** Whole stacks at a sixtieth of the time, which need the machine for themselves. */
const LIVE = ["test/e2e/page.test.ts", "test/e2e/demo.test.ts"];

export default defineConfig({
  test: {
    // By default one core is left idle.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          // A third of the time of a run was the same modules loaded anew for each file. Tests clean up after themselves.
          isolate: false,
          include: ["packages/*/src/**/*.test.ts", "examples/*/src/**/*.test.ts", "bench/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: LIVE,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "live",
          include: LIVE,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Alerts in seconds: a starved service is a saturated one, and would rightly page.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          // Minutes of work: for script/rollback, not for every run.
          name: "rollback",
          include: ["test/e2e/rollback.test.ts", "test/rollback/*.test.ts"],
          env: { ROLLBACK: "everywhere" },
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
