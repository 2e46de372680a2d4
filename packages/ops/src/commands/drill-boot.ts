import { readFile } from "node:fs/promises";
import { SeakeepError } from "@seakeep/contract";
import { type BootCheck, type BootResult, boot } from "../backup/drill/boot.ts";
import { defaultChecks } from "../checks/defaults.ts";
import { runChecks } from "../checks/run.ts";
import { Redactor } from "../checks/text.ts";
import type { LoadedConfig } from "../config/load.ts";
import { readSecret, type Secret } from "../config/values.ts";
import type { Connection } from "../postgres/connection.ts";
import type { WorkFolder } from "../postgres/scratch/work-folder.ts";
import type { Environment } from "../print.ts";
import type { Invocation } from "../verb.ts";
import { checkEdges } from "./check/edges.ts";

/** As `seakeep check` does, but for the second attempt: a service that has just started may need a moment more. */
const RUN = { timeoutMs: 10_000, attempts: 3, pauseMs: 1000, concurrency: 4 };

/** Starts the service on a database that was restored in a work folder. */
export type Booting = (folder: WorkFolder, database: Connection) => Promise<BootResult>;

/**
 * Prepares to start the service as the configuration says; `undefined`: it says nothing.
 *
 * @throws {SeakeepError} `SK-DRILL-005` when a secret of its environment is not set: before hours of restoring.
 */
export async function prepareBoot(
  { ops, folder: cwd }: LoadedConfig,
  { environment, output, signal }: Invocation,
): Promise<Booting | undefined> {
  const settings = ops.drill.boot;
  if (settings === undefined) return undefined;
  const redactor = new Redactor();
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings.env)) {
    env[name] = typeof value === "string" ? value : await secretOf(value, environment);
    if (typeof value !== "string") redactor.add(env[name]);
  }
  const check = async (url: URL): Promise<readonly BootCheck[]> => {
    output.status("checking the service");
    const target = { url, service: ops.service, metrics: ops.metrics };
    const checks = settings.checks ?? ops.checks ?? defaultChecks(url);
    return (await runChecks(checks, target, { ...RUN, signal }, checkEdges(environment))).checks;
  };
  return async (folder, database) => {
    output.status("starting the service");
    redactor.add(database.password() ?? "");
    const onLog = (lines: string) =>
      output.note(`the service printed last:\n${redactor.redact(lines).replace(/^/gm, "    ")}`);
    const path = environment.PATH ?? "";
    const clock = () => performance.now();
    return await boot(settings, database, {
      ...{ folder, cwd, path, env, clock, check, signal, onLog },
    });
  };
}

async function secretOf(secret: Secret, environment: Environment): Promise<string> {
  const value = await readSecret(secret, environment, (path) => readFile(path, "utf8"));
  if (value !== undefined) return value;
  throw new SeakeepError("SK-DRILL-005", `${secret.name}, for the service under drill, is not set.`);
}
