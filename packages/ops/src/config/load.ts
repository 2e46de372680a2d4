import { access } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import type { Environment } from "../print.ts";
import { isDefinedOps } from "./define.ts";
import type { Ops } from "./ops.ts";
import { resolveOps } from "./resolve.ts";

const DEFAULT_FILE = "seakeep.config.ts";

/** Where a configuration is looked for, and what `env()` reads. */
export interface LoadOptions {
  /** `--config`; default `seakeep.config.ts`. Relative to `cwd`. */
  readonly file?: string | undefined;
  readonly cwd: string;
  readonly environment: Environment;
  /** Stands in for the configuration's `url`, which is then not read. */
  readonly url?: string | undefined;
}

/** A loaded configuration and where it came from. */
export interface LoadedConfig {
  readonly ops: Ops;
  /** Absolute path of the file. */
  readonly file: string;
  /** Absolute path of its folder. */
  readonly folder: string;
}

/**
 * Loads, checks and resolves an operations file. TypeScript needs no build step.
 *
 * @throws {SeakeepError} `SK-CONFIG-001` not found, `-002` does not run, `-003` no default export, `-004` not from
 * `defineOps`, `-005` problems with what it says; `SK-SERVICE-001` from the declaration it imports.
 */
export async function loadConfig({
  file: written,
  cwd,
  environment,
  url,
}: LoadOptions): Promise<LoadedConfig> {
  const file = resolve(cwd, written ?? DEFAULT_FILE);
  const shown = relative(cwd, file) || file;
  await access(file).catch((cause: unknown) => {
    throw new SeakeepError("SK-CONFIG-001", `${shown} was not found in ${cwd}.`, { cause });
  });
  const exported = await importDefault(file, shown);
  if (exported === undefined) {
    throw new SeakeepError("SK-CONFIG-003", `${shown} has no default export.`);
  }
  if (!isDefinedOps(exported)) {
    throw new SeakeepError("SK-CONFIG-004", `The default export of ${shown} was not made by defineOps().`);
  }
  const declared = url === undefined ? exported : { ...exported, url };
  return { ops: resolveOps(declared, environment, shown), file, folder: dirname(file) };
}

/** Like {@link loadConfig}; a missing file is a fault only when it was named. */
export async function loadConfigIfThere(options: LoadOptions): Promise<LoadedConfig | undefined> {
  try {
    return await loadConfig(options);
  } catch (error) {
    const missing = error instanceof SeakeepError && error.code === "SK-CONFIG-001";
    if (missing && options.file === undefined) return undefined;
    throw error;
  }
}

async function importDefault(file: string, shown: string): Promise<unknown> {
  // Loaded only now: commands that work without a configuration start sooner.
  const { createJiti } = await import("jiti");
  // No file cache: a command that only reads leaves nothing behind. No module cache: a test loads a file twice.
  const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false, interopDefault: false });
  try {
    return (await jiti.import<{ default?: unknown }>(file)).default;
  } catch (error) {
    if (error instanceof Error && error.name === "SeakeepError") throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SeakeepError("SK-CONFIG-002", `${shown} could not be run: ${reason.trim()}`, { cause: error });
  }
}
