import { findDamage } from "./archive/stored.ts";
import type { BackupEntry } from "./catalog.ts";
import { type TrialOptions, type TrialParts, tryOut } from "./drill/trial.ts";
import { recordFinding } from "./finding.ts";
import { provesNothing, writeProof } from "./proof.ts";
import type { Store } from "./stores/store.ts";

/** What re-reading a backup showed. */
export interface Verification {
  readonly id: string;
  readonly ok: boolean;
  /** Everything found, in words. */
  readonly problems: readonly string[];
}

/** What restoring it showed as well. */
export interface DeepVerification extends Verification {
  /** It was restored, equals its manifest, and the store says so from now on. */
  readonly proven: boolean;
  readonly tables: number;
  readonly rows: number;
  /** From the first byte fetched to the last table compared. */
  readonly seconds: number;
}

/** How to read. */
interface VerifyOptions {
  /** Name and version of this tool, for the record. */
  readonly tool: string;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Reads every byte of a backup and holds it against every hash of its manifest. What two readings agree on is recorded in
 * the store, where that is news and the store may be written to.
 *
 * It shows that the store has what was written. That it can be restored, only a restore shows: {@link verifyDeep}.
 *
 * @throws {StoreError} when the store cannot be read, which is no verdict.
 */
export async function verify(
  store: Store,
  entry: BackupEntry,
  { tool, onWarning, ...read }: VerifyOptions,
): Promise<Verification> {
  const { id, manifest, lacking } = entry;
  // What is missing or short is known already; reading it would say it again.
  const files = (manifest?.files ?? []).filter(
    ({ name }) => !lacking.some((problem) => problem.startsWith(`${name}: `)),
  );
  const found: string[] = [];
  let certain = true;
  for (const file of files) {
    const damage = await findDamage(store, file, read);
    if (damage.length === 0) continue;
    found.push(...damage);
    // A bit may have been lost on the way, and a record stays.
    const again = await findDamage(store, file, { signal: read.signal });
    if (String(again) !== String(damage)) certain = false;
  }
  // What lacks a file was not read whole, and is damaged without a record.
  if (certain && lacking.length === 0) {
    await recordFinding(store, entry, found, tool).catch((error: Error) =>
      onWarning?.(`what was found is not on record: the store could not be told: ${error.message}`),
    );
  }
  const problems = [...lacking, ...found];
  return { id, ok: problems.length === 0, problems };
}

/**
 * Restores a backup to a scratch server and compares what came out with its manifest; every byte and hash is read on the
 * way. A backup that came through is proven, when the store can be told so.
 *
 * @throws {SeakeepError} when it cannot be told whether the backup is good.
 */
export async function verifyDeep(
  parts: TrialParts,
  entry: BackupEntry,
  options: TrialOptions,
): Promise<DeepVerification> {
  const { id, manifest } = entry;
  const { result } = await tryOut(parts, entry, options, async () => {});
  const { validated, tables, rows, seconds } = result;
  const told = (problems: readonly string[], proven = false) => ({
    ...{ id, ok: problems.length === 0, problems, proven, tables, rows, seconds },
  });
  if (!validated || manifest === undefined) {
    // A restore ends at the first damage; where all of it is, only reading on tells.
    const { tool, store } = parts;
    const { signal, onWarning } = options;
    const { problems } = await verify(store, entry, { tool, signal, onWarning });
    return told(problems.length > 0 ? problems : result.problems);
  }
  const empty = provesNothing(manifest);
  if (empty !== undefined) return told([empty]);
  options.signal.throwIfAborted();
  const by = { by: "verify", tool: parts.tool, seconds } as const;
  // Whoever may only read can still verify; what nobody wrote down is not proven.
  const proven = await writeProof(parts.store, entry.folder, manifest, by).then(
    () => true,
    (error: Error) => {
      options.onWarning?.(
        `this backup does not count as proven: the store could not be told: ${error.message}`,
      );
      return false;
    },
  );
  return told([], proven);
}
