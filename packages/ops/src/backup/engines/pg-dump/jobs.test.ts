import { expect, it } from "vitest";
import { defaultJobs } from "./jobs.ts";

it("is one at least, and never a crowd", () => {
  expect(defaultJobs()).toBeGreaterThanOrEqual(1);
  expect(defaultJobs()).toBeLessThanOrEqual(8);
});
