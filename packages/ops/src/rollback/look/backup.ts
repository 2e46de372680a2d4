import type { BackupEntry } from "../../backup/catalog.ts";
import type { Finding } from "../evidence.ts";

/**
 * The backup that a restore would take: the newest sound one of this database from before the moment, a proven one rather
 * than a newer one that is not, as long as nobody says which.
 *
 * @param system identifier of the server that the database is on
 */
export function chooseFrom(
  backups: readonly BackupEntry[],
  { before, system, database }: { readonly before: Date; readonly system: string; readonly database: string },
): BackupEntry | undefined {
  return backups.findLast(
    ({ state, manifest }) =>
      state !== "damaged" &&
      manifest?.database.system === system &&
      manifest.database.name === database &&
      Date.parse(manifest.snapshotAt) < before.getTime(),
  );
}

/** @param age of its snapshot, in words */
export function judgeBackup(entry: BackupEntry | undefined, age: string, before: string): Finding<"backup"> {
  if (entry === undefined)
    return { answer: "none", saw: `no sound backup of this database is from before ${before}` };
  const { id, state, proof } = entry;
  if (state !== "proven") return { answer: "unproven", saw: `${id}, ${age} old, was never restored` };
  return { answer: "proven", saw: `${id}, ${age} old, restored and compared on ${proof!.at}` };
}
