import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const dist = dirname(createRequire(import.meta.url).resolve("seakeep"));
const load = <Module>(path: string) => import(pathToFileURL(join(dist, path)).href) as Promise<Module>;

/** The command's file, for runs in a process of their own. */
export const COMMAND: string = join(dist, "../bin/seakeep.js");

/** The command in this process: a third of the time of a run is otherwise the start of Node. */
export const cli: typeof import("../../packages/ops/src/cli.ts") = await load("cli.js");

// The verbs below the command, for what the command cannot be told: a store of our own making and less patience.
export const creating: typeof import("../../packages/ops/src/backup/create.ts") =
  await load("backup/create.js");
export const catalog: typeof import("../../packages/ops/src/backup/catalog.ts") =
  await load("backup/catalog.js");
export const verifying: typeof import("../../packages/ops/src/backup/verify.ts") =
  await load("backup/verify.js");
export const restoring: typeof import("../../packages/ops/src/backup/restore.ts") =
  await load("backup/restore.js");
export const connections: typeof import("../../packages/ops/src/postgres/connection.ts") =
  await load("postgres/connection.js");
export const engines: typeof import("../../packages/ops/src/backup/engines/pg-dump/index.ts") = await load(
  "backup/engines/pg-dump/index.js",
);
export const compression: typeof import("../../packages/ops/src/backup/archive/compression.ts") = await load(
  "backup/archive/compression.js",
);
export const locks: typeof import("../../packages/ops/src/backup/server/database-lock.ts") = await load(
  "backup/server/database-lock.js",
);
export const s3Store: typeof import("../../packages/ops/src/backup/stores/s3/store.ts") =
  await load("backup/stores/s3/store.js");
export const manifests: typeof import("../../packages/ops/src/backup/manifest.ts") =
  await load("backup/manifest.js");
export const keys: typeof import("../../packages/ops/src/backup/archive/seal/keys.ts") = await load(
  "backup/archive/seal/keys.js",
);
