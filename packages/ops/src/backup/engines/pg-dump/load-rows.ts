import type { Connection } from "../../../postgres/connection.ts";
import { withCopySession } from "../../../postgres/copy.ts";
import type { TableContents } from "../../manifest.ts";
import { loadFailure } from "./failures.ts";
import { readTable } from "./rows.ts";
import { copied, nameOf, type RowsOf, readRows } from "./rows-file.ts";

/** A table that was filled. */
export interface Loaded extends RowsOf {
  readonly encoding: string;
}

/**
 * Fills the tables of one file of rows, which are there and empty, as it comes.
 *
 * Each table in a transaction that empties it first: so the server need not log the rows where it keeps no log for others
 * (wal_level), and may write them as frozen, which spares every later reader and vacuum from visiting them again. Source:
 * https://www.postgresql.org/docs/current/sql-copy.html, FREEZE.
 *
 * @param onLoaded hears of each table once it is committed
 * @throws {SeakeepError} `SK-DUMP-002` of a file that is not whole, `SK-RESTORE-015` and `-018`; and as reading it does.
 */
export async function loadRows(
  connection: Connection,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  onLoaded: (table: Loaded) => void,
): Promise<void> {
  await withCopySession(connection, signal, async (session) => {
    for await (const { rows, ...table } of readRows(body)) {
      try {
        await session.query("begin");
        await session.query(`truncate only ${nameOf(table)}`);
        const into = `copy ${copied(table)} from stdin (freeze, encoding '${table.encoding}')`;
        await session.copyIn(into, rows);
        await session.query("commit");
      } catch (error) {
        throw loadFailure(`${table.schema}.${table.name}`, error);
      }
      onLoaded(table);
    }
  });
}

/**
 * Reads what was loaded. A table is locked no longer than that: whoever makes an index of it meanwhile waits.
 *
 * @throws {SeakeepError} `SK-DUMP-001` and such as its words mean.
 */
export function readLoaded(
  connection: Connection,
  tables: AsyncIterable<Loaded>,
  signal: AbortSignal,
): Promise<TableContents[]> {
  return withCopySession(connection, signal, async (session) => {
    const read: TableContents[] = [];
    for await (const table of tables) read.push(await readTable(session, table, table.encoding));
    return read;
  });
}
