import { createHash } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import type { CopySession } from "../../../postgres/copy.ts";
import type { TableContents } from "../../manifest.ts";
import { byName } from "../../order.ts";
import type { ArchiveContents } from "./archive/archive-reader.ts";
import { readFailure } from "./failures.ts";
import { copied, type RowsOf } from "./rows-file.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * From now on the session sees the database as it is in a snapshot.
 *
 * @param lockTimeout milliseconds to wait for a table. Somebody who waits for what the snapshot's own session has locked stands
 *   before this one: neither would ever go on.
 */
export async function enterSnapshot(
  session: CopySession,
  { name }: Snapshot,
  lockTimeout: number,
): Promise<void> {
  await session.query(`set lock_timeout = ${lockTimeout}`);
  await session.query("begin isolation level repeatable read, read only");
  await session.query(`set transaction snapshot '${name}'`);
}

/**
 * COPY text of a table in the encoding of the database, as pg_dump has it, in bytes that are lent; and what it was.
 *
 * @throws {SeakeepError} `SK-DUMP-001` and such as its words mean.
 */
export async function* tableRows(
  session: CopySession,
  table: RowsOf,
  encoding: string,
): AsyncGenerator<Uint8Array, TableContents> {
  const { schema, name } = table;
  const hash = createHash("sha256");
  let bytes = 0;
  const copying = session.copyOut(`copy ${copied(table)} to stdout (encoding '${encoding}')`);
  try {
    for (;;) {
      const { done, value } = await copying.next().catch((error: unknown) => {
        throw readFailure(`${schema}.${name}`, error);
      });
      if (done) return { schema, name, rows: value.rows, bytes, sha256: hash.digest("hex") };
      hash.update(value);
      bytes += value.length;
      yield value;
    }
  } finally {
    await copying.return?.({ rows: 0 });
  }
}

/** Reads a table for what it holds, and keeps no row. @throws {SeakeepError} as {@link tableRows}. */
export async function readTable(
  session: CopySession,
  table: RowsOf,
  encoding: string,
): Promise<TableContents> {
  const reading = tableRows(session, table, encoding);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
  }
}

/**
 * What an archive holds, with the tables whose rows were read beside it.
 *
 * @throws {SeakeepError} `SK-DUMP-002` when a table was read twice: a restore would double its rows.
 */
export function withRows(archive: ArchiveContents, rows: readonly TableContents[]): ArchiveContents {
  const tables = [...archive.tables, ...rows].sort(byName);
  const twice = tables.find((table, index) => index > 0 && byName(tables[index - 1]!, table) === 0);
  if (twice !== undefined) {
    const name = `${twice.schema}.${twice.name}`;
    throw new SeakeepError("SK-DUMP-002", `The dump has the rows of ${name} in two of its files.`);
  }
  return { ...archive, tables };
}
