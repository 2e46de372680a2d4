export { type Postgres, startPostgres } from "./postgres.ts";
export { openScratch, type Scratch } from "./scratch.ts";
export { until } from "./until.ts";
