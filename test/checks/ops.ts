import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const load = <Module>(entry: string, path: string) =>
  import(pathToFileURL(join(dirname(require.resolve(entry)), path)).href) as Promise<Module>;

// The parts below the command, in this process: a hundred faults would otherwise be a hundred starts of Node.
export const defaults: typeof import("../../packages/ops/src/checks/defaults.ts") = await load(
  "seakeep",
  "checks/defaults.js",
);
export const running: typeof import("../../packages/ops/src/checks/run.ts") = await load(
  "seakeep",
  "checks/run.js",
);
export const certificates: typeof import("../../packages/ops/src/checks/tls/index.ts") = await load(
  "seakeep",
  "checks/tls/index.js",
);

/** The declaration of the courses API. */
export const declaration: typeof import("../../examples/courses-api/src/service.ts") = await load(
  "courses-api",
  "service.js",
);
