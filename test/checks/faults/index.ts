import { EVERYWHERE_FAULTS } from "./everywhere.ts";
import type { Fault } from "./fault.ts";
import { HEALTH_FAULTS } from "./health.ts";
import { METRICS_FAULTS } from "./metrics.ts";
import { PROBLEM_FAULTS } from "./problems.ts";
import { SCHEMA_FAULTS } from "./schema.ts";
import { VERSION_FAULTS } from "./version.ts";

/** Every fault, and who must find it. */
export const FAULTS: readonly Fault[] = [
  ...HEALTH_FAULTS,
  ...METRICS_FAULTS,
  ...SCHEMA_FAULTS,
  ...PROBLEM_FAULTS,
  ...VERSION_FAULTS,
  ...EVERYWHERE_FAULTS,
];
