import { type BackupEntry, type BackupState, readCatalog } from "../catalog.ts";
import { readNewestReport } from "../drill/chain.ts";
import type { DrillReport } from "../drill/report.ts";
import type { Store } from "../stores/store.ts";

/** What a store tells of one service's backups. What it does not tell is absent, never zero. */
export interface BackupFacts {
  readonly service: string;
  readonly backups: Readonly<Record<BackupState, number>>;
  /** The newest that is not known to be damaged. */
  readonly newest?: {
    /** When it was complete, by the store's clock. */
    readonly storedAt: Date;
    readonly snapshotAt: Date;
    /** Age of its snapshot, seconds. */
    readonly age: number;
    readonly bytes: number;
    readonly seconds: number;
  };
  /** The newest restore that was compared and equal, of any backup. */
  readonly proven?: { readonly at: Date; readonly seconds: number };
  readonly drill?: { readonly at: Date; readonly passed: boolean; readonly rtoSeconds?: number };
}

/**
 * Reads them, from the store alone: a job that failed, or never ran, cannot claim anything.
 *
 * @param own the service that is looked after: it is told of even when the store has nothing of it
 * @param folder that of one service; default: of all
 * @throws {StoreError} when it cannot be told.
 */
export async function readFacts(
  store: Store,
  own: string | undefined,
  folder: string | undefined,
  signal: AbortSignal,
): Promise<BackupFacts[]> {
  const { backups } = await readCatalog(store, folder, signal);
  const now = await store.now();
  const folders = new Map<string, BackupEntry[]>(folder === undefined ? [] : [[folder, []]]);
  for (const entry of backups) folders.set(entry.folder, [...(folders.get(entry.folder) ?? []), entry]);
  const facts: BackupFacts[] = [];
  for (const [name, entries] of folders) {
    const service = name === folder && own !== undefined ? own : nameOf(name, entries);
    facts.push(factsOf(service, entries, await readNewestReport(store, name, signal), now));
  }
  return facts;
}

function nameOf(folder: string, entries: readonly BackupEntry[]): string {
  return entries.findLast(({ manifest }) => manifest !== undefined)?.manifest?.service ?? folder;
}

/** @param entries of one service, oldest first */
function factsOf(
  service: string,
  entries: readonly BackupEntry[],
  report: DrillReport | undefined,
  now: Date,
): BackupFacts {
  const newest = entries.findLast(({ state }) => state !== "damaged");
  const proven = entries
    .flatMap(({ proof }) => (proof === undefined || Number.isNaN(Date.parse(proof.at)) ? [] : [proof]))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .at(-1);
  const count = (state: BackupState) => entries.filter((entry) => entry.state === state).length;
  return {
    service,
    backups: { complete: count("complete"), proven: count("proven"), damaged: count("damaged") },
    ...(newest?.manifest && { newest: newestOf(newest, newest.manifest, now) }),
    ...(proven && { proven: { at: new Date(proven.at), seconds: proven.seconds } }),
    ...(report && {
      drill: {
        at: new Date(report.startedAt),
        passed: report.passed,
        ...(report.rto.seconds !== undefined && { rtoSeconds: report.rto.seconds }),
      },
    }),
  };
}

function newestOf(
  { stored, bytes }: BackupEntry,
  manifest: NonNullable<BackupEntry["manifest"]>,
  now: Date,
): NonNullable<BackupFacts["newest"]> {
  const snapshotAt = new Date(manifest.snapshotAt);
  return {
    storedAt: stored,
    snapshotAt,
    age: Math.max(0, (now.getTime() - snapshotAt.getTime()) / 1000),
    bytes,
    seconds: Math.max(0, (Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt)) / 1000),
  };
}
