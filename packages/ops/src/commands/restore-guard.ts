import { SeakeepError } from "@seakeep/contract";
import type { BackupEntry } from "../backup/catalog.ts";
import { readStanding, type Standing } from "../backup/server/standing.ts";
import type { Connection } from "../postgres/connection.ts";
import type { Invocation } from "../verb.ts";
import { ageText, countText, rowsOf } from "./backup/words.ts";

/** What is asked for. */
export interface Confirmation {
  readonly connection: Connection;
  readonly entry: BackupEntry;
  readonly invocation: Invocation;
  /** `--confirm`. */
  readonly confirm: string | undefined;
  /** As of when the data is that takes over; `undefined`: that of the database kept by a swap. */
  readonly since: string | undefined;
}

/**
 * Says what a swap would lose, and goes on only when somebody typed the database's name, or gave it with the server's
 * fingerprint beforehand.
 *
 * @throws {SeakeepError} `SK-RESTORE-001`.
 */
export async function confirmSwap({
  connection,
  entry,
  invocation,
  confirm,
  since,
}: Confirmation): Promise<void> {
  const { output, ask, signal } = invocation;
  const standing = await readStanding(connection);
  output.note(loss(standing, entry, since));
  const { database, fingerprint } = standing;
  const wanted = `${database}@${fingerprint}`;
  if (confirm === wanted) return;
  const fix = `If that is what you want: --confirm='${wanted}'`;
  if (confirm !== undefined)
    throw new SeakeepError("SK-RESTORE-001", "--confirm is for another database or server.", { fix });
  if (ask === undefined) throw new SeakeepError("SK-RESTORE-001", "There is no terminal to ask at.", { fix });
  const typed = await ask(`Type the database's name to go on: `, signal);
  if (typed.trim() !== database)
    throw new SeakeepError("SK-RESTORE-001", "What was typed is not the database's name.");
}

function loss(
  { database, fingerprint, rows, now }: Standing,
  { manifest }: BackupEntry,
  since: string | undefined,
): string {
  const head = `"${database}" on server ${fingerprint} will be replaced; it stays under another name.`;
  if (since === undefined || manifest === undefined) {
    return `${head}\nWhat was written since the swap will be missing, until you bring it over.`;
  }
  const age = ageText(now.getTime() - new Date(since).getTime());
  const counts = `about ${countText(rows, "row")} now, ${countText(rowsOf(manifest), "row")} in the backup`;
  return `${head}\nWhat was written since ${since} (${age} ago) will be missing: ${counts}.`;
}
