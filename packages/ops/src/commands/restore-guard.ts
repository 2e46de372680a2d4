import { SeakeepError } from "@seakeep/contract";
import { readStanding, type Standing } from "../backup/server/standing.ts";
import type { Connection } from "../postgres/connection.ts";
import type { Invocation } from "../verb.ts";
import { ageText, countText } from "./backup/words.ts";

/** What takes over. */
export interface Incoming {
  readonly rows: number;
  /** As of when it is; `undefined`: nobody knows. */
  readonly snapshotAt?: string;
}

/** What is asked for. */
export interface Confirmation {
  readonly connection: Connection;
  /** `undefined`: the database that a swap kept. */
  readonly incoming: Incoming | undefined;
  readonly invocation: Invocation;
  /** `--confirm`. */
  readonly confirm: string | undefined;
}

/**
 * Says what a swap would lose, and goes on only when somebody typed the database's name, or gave it with the server's
 * fingerprint beforehand.
 *
 * @throws {SeakeepError} `SK-RESTORE-001`.
 */
export async function confirmSwap({
  connection,
  incoming,
  invocation,
  confirm,
}: Confirmation): Promise<void> {
  const { output, ask, signal } = invocation;
  const standing = await readStanding(connection);
  output.note(loss(standing, incoming));
  const { database, fingerprint } = standing;
  const wanted = `${database}@${fingerprint}`;
  if (confirm === wanted) return;
  const fix = `If that is what you want: --confirm='${wanted.replaceAll("'", "'\\''")}'`;
  if (confirm !== undefined)
    throw new SeakeepError("SK-RESTORE-001", "--confirm is for another database or server.", { fix });
  if (ask === undefined) throw new SeakeepError("SK-RESTORE-001", "There is no terminal to ask at.", { fix });
  const typed = await ask(`Type the database's name to go on: `, signal);
  if (typed.trim() !== database)
    throw new SeakeepError("SK-RESTORE-001", "What was typed is not the database's name.");
}

function loss({ database, fingerprint, rows, now }: Standing, incoming: Incoming | undefined): string {
  const head = `"${database}" on server ${fingerprint} will be replaced; it stays under another name.`;
  if (incoming === undefined) {
    return `${head}\nWhat was written since the swap will be missing, until you bring it over.`;
  }
  const { snapshotAt } = incoming;
  const since =
    snapshotAt === undefined
      ? "since the dump was made"
      : `since ${snapshotAt} (${ageText(now.getTime() - Date.parse(snapshotAt))} ago)`;
  const counts = `about ${countText(rows, "row")} now, ${countText(incoming.rows, "row")} then`;
  return `${head}\nWhat was written ${since} will be missing: ${counts}.`;
}
