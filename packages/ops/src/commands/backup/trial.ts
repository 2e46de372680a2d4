import type { BackupEntry } from "../../backup/catalog.ts";
import { type DrillServer, scratchServer } from "../../backup/drill/server.ts";
import type { TrialParts } from "../../backup/drill/trial.ts";
import { pgDump } from "../../backup/engines/pg-dump/index.ts";
import type { Store } from "../../backup/stores/store.ts";
import { openWorkFolder, type WorkFolder } from "../../postgres/scratch/work-folder.ts";
import type { Invocation } from "../../verb.ts";
import { version } from "../../version.ts";

/** A backup that is to be tried out, and where. */
export interface TrialPlace {
  readonly store: Store;
  readonly entry: BackupEntry;
  /** Parent of the work folder. */
  readonly workFolder: string;
  /** Another server than a scratch server of the backup's version. */
  readonly declared?: (() => Promise<DrillServer>) | undefined;
}

/** Opens a work folder for one trial, and clears it and all that ran in it away however the trial ends. */
export async function inWorkFolder<T>(
  { store, entry, workFolder, declared }: TrialPlace,
  { output, signal }: Invocation,
  use: (parts: TrialParts, folder: WorkFolder) => Promise<T>,
): Promise<T> {
  const folder = await openWorkFolder(workFolder);
  const openServer = async () => {
    output.status("starting a server");
    if (entry.manifest === undefined) throw new Error("a backup without a manifest is not restored");
    return await (declared?.() ?? scratchServer(entry.manifest, folder, signal));
  };
  const parts = { store, engine: pgDump, tool: `seakeep ${version()}`, clock: () => performance.now() };
  try {
    return await use({ ...parts, openServer }, folder);
  } finally {
    await folder.close();
  }
}
