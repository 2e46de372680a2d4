import type { Connection } from "../../postgres/connection.ts";
import type { BackupEntry } from "../catalog.ts";
import { provesNothing, writeProof } from "../proof.ts";
import type { BootResult } from "./boot.ts";
import { appendReport } from "./chain.ts";
import { holdTo, notHeld } from "./expect.ts";
import type { Expectation } from "./expectation.ts";
import { judgeObjective } from "./objectives.ts";
import type { DrillReport } from "./report.ts";
import { type TrialOptions, type TrialParts, tryOut } from "./trial.ts";

export interface DrillOptions extends TrialOptions {
  readonly service: string;
  /** What is promised, milliseconds. */
  readonly recovery?: { readonly rpo: number; readonly rto: number } | undefined;
  /** Only of the newest backup is the age one that a disaster would cost. */
  readonly newest: boolean;
  readonly expectations: readonly Expectation[];
  /** Starts the service on the restored database and checks it. */
  readonly boot?: ((database: Connection) => Promise<BootResult>) | undefined;
}

/** A finished drill, as it stands in the store. */
export interface Drilled {
  readonly report: DrillReport;
  /** What is wrong with the reports before it, in words. */
  readonly chainProblems: readonly string[];
}

const NOT_BOOTED: BootResult = {
  ...{ passed: false, problem: "not tried: there is no validated database", checks: [] },
};
const passes = ({ passed }: { readonly passed: boolean }) => passed;

/**
 * Restores a backup to a server that nobody depends on, compares it with its manifest, holds it to what its owner expects
 * of the data, and measures what a disaster would have cost. The report goes to the store; a backup that came through
 * is proven.
 *
 * @throws {SeakeepError} when it cannot be told whether the backup is good: then there is no report.
 */
export async function drill(parts: TrialParts, entry: BackupEntry, options: DrillOptions): Promise<Drilled> {
  const { store, tool } = parts;
  const { recovery, expectations, newest, service } = options;
  const { manifest } = entry;
  const startedAt = await store.now();
  const { server, result, seen } = await tryOut(parts, entry, options, async (database) => ({
    // First: a service may change what it finds.
    expectations: await holdTo(database, expectations, options.signal),
    boot: await options.boot?.(database),
  }));
  const empty = result.validated && manifest ? provesNothing(manifest) : undefined;
  const snapshot = manifest && Date.parse(manifest.snapshotAt);
  const age =
    snapshot === undefined ? undefined : Math.max(0, Math.round((startedAt.getTime() - snapshot) / 1000));
  const rpo = judgeObjective(age, recovery?.rpo);
  const rto = judgeObjective(result.validated ? result.seconds : undefined, recovery?.rto);
  const boot = seen === undefined && options.boot ? NOT_BOOTED : seen?.boot;
  const results = seen?.expectations ?? notHeld(expectations);
  const held = result.validated && empty === undefined && [...results, ...(boot ? [boot] : [])].every(passes);
  const judged = newest ? [rto, rpo] : [rto];
  options.signal.throwIfAborted();
  if (held && manifest) {
    await writeProof(store, entry.folder, manifest, { by: "drill", tool, seconds: result.seconds });
  }
  const { report, chain } = await appendReport(store, entry.folder, {
    format: 1,
    ...{ id: entry.id, service, tool },
    ...(manifest && { manifest: manifest.checksum, snapshotAt: manifest.snapshotAt }),
    startedAt: startedAt.toISOString(),
    ...(server && { server: { kind: server.kind, version: server.version } }),
    passed: held && judged.every(({ verdict }) => verdict === "met" || verdict === "not declared"),
    ...{ validated: result.validated, tables: result.tables, rows: result.rows },
    problems: empty === undefined ? result.problems : [empty],
    expectations: results,
    ...(boot && { boot }),
    rto,
    rpo: newest ? rpo : { ...rpo, verdict: "not judged" },
  });
  return { report, chainProblems: chain.problems };
}
