import type { Connection } from "../../../postgres/connection.ts";
import { type Program, startProgram } from "../../../postgres/program.ts";
import type { Programs } from "../../../postgres/programs.ts";
import { openChannel } from "../../../system/channel.ts";
import { onPath } from "../../../system/on-path.ts";
import { dumpFailure } from "./failures.ts";
import { nameOf, type RowsOf } from "./rows-file.ts";
import type { Snapshot } from "./snapshot.ts";

/** What reads a database: one of Postgres's programs, and how to call it. */
export interface Reader {
  readonly name: "pg_dump" | "pg_dumpall";
  readonly args: readonly string[];
}

/**
 * The archive of one database as of a snapshot, uncompressed: what passes is hashed, and compressed better elsewhere. In
 * the database's own encoding, whatever role, database or environment set for clients: bytes of names in arguments and of
 * rows are then those that it holds.
 *
 * @param without tables whose rows are read beside it
 */
export function archiveReader(
  { name, database }: Pick<Snapshot, "name" | "database">,
  lockTimeout: number,
  without: readonly Pick<RowsOf, "schema" | "name">[] = [],
): Reader {
  const args = ["--format=custom", "--compress=0", "--no-password", `--snapshot=${name}`];
  const pinned = [`--lock-wait-timeout=${lockTimeout}`, `--encoding=${database.encoding}`];
  const left = without.map((table) => `--exclude-table-data=${nameOf(table)}`);
  return { name: "pg_dump", args: [...args, ...pinned, ...left] };
}

/** Roles and tablespaces. Without passwords: only superusers may read those, and no backup should spread them. */
export function globalsReader({ database }: Connection): Reader {
  // A bare name with "=" in it would be taken for a connection string: always give it one.
  const name = `dbname='${database.replace(/['\\]/g, "\\$&")}'`;
  const args = ["--globals-only", "--no-role-passwords", "--no-password", `--database=${name}`];
  return { name: "pg_dumpall", args };
}

/** How to run a reader. */
export interface OutputOptions {
  readonly programs: Programs;
  readonly connection: Connection;
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Sees the process once it runs, so that others can end it. */
  readonly onStart: (program: Program) => void;
}

/**
 * The output of a reader, in bytes that are lent: they change when the next are asked for. It ends only if the program has
 * ended well, and throws otherwise; whoever leaves it early ends the program.
 */
export async function* output(
  { name, args }: Reader,
  options: OutputOptions,
): AsyncGenerator<Uint8Array, void> {
  const { programs, connection, onWarning, onStart } = options;
  const channel = await openChannel();
  let program: Program | undefined;
  try {
    program = startProgram({
      ...inLargePieces(programs.path(name), args),
      connection: pinned(connection),
      ...(onWarning && { onError: onWarning }),
      stdout: channel?.childEnd,
    });
    channel?.given();
    onStart(program);
    yield* channel?.body ?? (program.stdout as AsyncIterable<Uint8Array>);
    const ending = await program.ended;
    if (ending.code !== 0) throw dumpFailure(name, ending);
  } finally {
    channel?.close();
    program?.stop();
    await program?.ended;
  }
}

/** Bytes that a program gathers before it writes. */
const PIECE = 256 * 1024;

/**
 * Programs of Postgres write to a pipe in pieces of 4 KiB, each of which wakes whoever reads it: that is a third of the
 * CPU time of a backup. `stdbuf` of GNU coreutils makes the pieces larger, and then becomes the program itself.
 */
function inLargePieces(path: string, args: readonly string[]): { path: string; args: readonly string[] } {
  const stdbuf = process.platform === "linux" ? onPath("stdbuf") : undefined;
  return stdbuf === undefined ? { path, args } : { path: stdbuf, args: [`-o${PIECE}`, path, ...args] };
}

/**
 * The same text for the same value, whatever is set for the server, the database or the role. pg_dump itself pins
 * DateStyle, IntervalStyle, digits of floats and the search path.
 */
function pinned(connection: Connection): Connection {
  const { settings } = connection;
  const options = `${settings.PGOPTIONS ?? ""} -c bytea_output=hex`.trim();
  return { ...connection, settings: { ...settings, PGTZ: "UTC", PGOPTIONS: options } };
}
