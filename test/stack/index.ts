export { mustRun, runCommand } from "./commands.ts";
export { type Postgres, startPostgres } from "./postgres.ts";
export { instantQuery, startPrometheus } from "./prometheus.ts";
export { openScratch, type Scratch } from "./scratch.ts";
export { type Stack, startStack } from "./stack.ts";
export { startTraffic, type Traffic, type TrafficCount } from "./traffic.ts";
export { until } from "./until.ts";
export type { Delivery } from "./webhook.ts";
