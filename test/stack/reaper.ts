import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const dist = dirname(createRequire(import.meta.url).resolve("seakeep"));
const reaper: typeof import("../../packages/ops/src/postgres/scratch/reaper.ts") = await import(
  pathToFileURL(join(dist, "postgres/scratch/reaper.js")).href
);

/** The one that drills use: what clears up after tests is itself under test. */
export const startReaper: typeof reaper.startReaper = reaper.startReaper;
