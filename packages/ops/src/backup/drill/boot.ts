import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, connectionUrl } from "../../postgres/connection.ts";
import type { WorkFolder } from "../../postgres/scratch/work-folder.ts";
import type { BootSettings } from "./declaration.ts";
import { startService } from "./service.ts";

/** What one check found out about the service. */
export interface BootCheck {
  readonly name: string;
  readonly verdict: "passed" | "failed" | "unknown";
  /** One sentence: why. */
  readonly reason: string;
}

/** What became of the service on the restored database. */
export interface BootResult {
  /** It became ready, and every check passed; one that could not tell is no pass, and neither is none at all. */
  readonly passed: boolean;
  /** From its start until it was ready; absent: it never was. */
  readonly seconds?: number;
  /** Why it did not pass, in words, when no check says so. */
  readonly problem?: string;
  readonly checks: readonly BootCheck[];
}

/** What booting takes from around it. */
export interface BootParts {
  readonly folder: WorkFolder;
  /** Where the command runs. */
  readonly cwd: string;
  /** Of this process: programs are found by it. */
  readonly path: string;
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
  /** The environment that the configuration names, secrets and all. */
  readonly env: Readonly<Record<string, string>>;
  readonly check: (url: URL) => Promise<readonly BootCheck[]>;
  readonly signal: AbortSignal;
  /** Hears the end of what the service printed, when it did not pass; it may hold anything. */
  readonly onLog?: (lines: string) => void;
}

/**
 * Starts the service on a restored database, checks it, and ends it with everything it started.
 *
 * @throws {SeakeepError} `SK-DRILL-004` when it cannot be told: there is no such program.
 */
export async function boot(
  settings: BootSettings,
  database: Connection,
  parts: BootParts,
): Promise<BootResult> {
  const { folder, cwd, clock, signal } = parts;
  const own = await mkdtemp(join(folder.path, "service-"));
  // What it keeps in its temporary folder goes away with the drill.
  const given = { PATH: parts.path, TMPDIR: own, ...parts.env };
  const env = { ...given, [settings.database]: connectionUrl(database) };
  const started = clock();
  const service = await startService({ ...settings, env, cwd }, folder);
  try {
    const notReady = await service.untilReady(signal);
    if (notReady !== undefined) {
      parts.onLog?.(await service.lastLines());
      return { passed: false, problem: notReady, checks: [] };
    }
    const seconds = Math.round((clock() - started) / 100) / 10;
    const checks = (await parts.check(service.url)).map(({ name, verdict, reason }) => ({
      name,
      verdict,
      reason,
    }));
    signal.throwIfAborted();
    const nothing = checks.length === 0 ? "no check is configured, so nothing was seen of it" : undefined;
    const problem = (await service.stillReady(signal)) ?? nothing;
    const passed = problem === undefined && checks.every(({ verdict }) => verdict === "passed");
    if (!passed) parts.onLog?.(await service.lastLines());
    return { passed, seconds, ...(problem !== undefined && { problem }), checks };
  } finally {
    await service.stop();
  }
}
