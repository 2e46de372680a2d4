import type { BackupEntry } from "../../backup/catalog.ts";
import { isMarked } from "../../backup/restore.ts";
import { findDatabase, openMaintenance } from "../../backup/server/maintenance.ts";
import type { Connection } from "../../postgres/connection.ts";
import { openSession } from "../../postgres/session.ts";
import { compareDatabases, type Loss } from "../database/loss.ts";
import { countRows, only, readTables } from "../database/tables.ts";
import type { Finding } from "../evidence.ts";
import { countedText, spanText } from "../loss-text.ts";

/** Rows beyond which a count would take too long while a service is down; then the server's own estimate is said. */
const MOST_COUNTED = 1_000_000;

/** What restoring a backup would lose: row by row once it stands beside the database, until then by counts of rows. */
export async function lookAtLoss(
  connection: Connection,
  entry: BackupEntry,
  { into, signal }: { readonly into: string; readonly signal: AbortSignal },
): Promise<Finding<"loss">> {
  const span = spanText(await secondsSince(connection, entry));
  if (await standsBeside(connection, into, entry)) {
    const loss = await compareDatabases(connection, { live: connection.database, other: into, signal });
    const nothing = isNothing(loss);
    return {
      answer: nothing ? "nothing" : "counted",
      saw: nothing ? "not one row" : `${countedText(loss)} of ${span}`,
    };
  }
  const { more, fewer, estimated } = await countDifference(connection, entry);
  const about = estimated ? "about " : "";
  return {
    answer: "counted",
    saw: `what was written in ${span}: the database has ${about}${more} rows more in some tables, and ${about}${fewer} fewer in others`,
  };
}

/** True when nothing at all would be lost. */
export function isNothing({ lost, values, largeObjects }: Loss): boolean {
  return lost + values + largeObjects === 0;
}

/** Seconds from a backup's snapshot to now, by the database's clock, which took the snapshot's time too. */
export async function secondsSince(connection: Connection, { manifest }: BackupEntry): Promise<number> {
  const session = await openSession(connection);
  try {
    const [row] = await session.query<{ seconds: string }>(
      "select extract(epoch from clock_timestamp() - $1::timestamptz)::text as seconds",
      [manifest!.snapshotAt],
    );
    return Math.max(0, Math.ceil(Number(row!.seconds)));
  } finally {
    await session.close();
  }
}

/** True when a database of that name was made from that very backup, and validated. */
export async function standsBeside(
  connection: Connection,
  name: string,
  { id }: BackupEntry,
): Promise<boolean> {
  const session = await openMaintenance(connection);
  try {
    return isMarked((await findDatabase(session, name))?.comment, id);
  } finally {
    await session.close();
  }
}

async function countDifference(
  connection: Connection,
  { manifest }: BackupEntry,
): Promise<{ more: number; fewer: number; estimated: boolean }> {
  const then = new Map(
    manifest!.contents.tables.map(({ schema, name, rows }) => [JSON.stringify([schema, name]), rows]),
  );
  let [more, fewer, estimated] = [0, 0, false];
  const session = await openSession(connection);
  try {
    await session.query("begin isolation level repeatable read read only");
    for (const table of await readTables(session)) {
      const key = JSON.stringify([table.schema, table.name]);
      const [row] = await session.query<{ about: number }>(
        "select reltuples::float8 as about from pg_class where oid = to_regclass($1)",
        [only(table).slice("only ".length)],
      );
      const large = row!.about > MOST_COUNTED;
      estimated ||= large;
      const grown =
        (large ? Math.round(row!.about) : await countRows(session, only(table))) - (then.get(key) ?? 0);
      then.delete(key);
      if (grown > 0) more += grown;
      else fewer -= grown;
    }
  } finally {
    await session.close();
  }
  return { more, fewer: fewer + [...then.values()].reduce((sum, rows) => sum + rows, 0), estimated };
}
