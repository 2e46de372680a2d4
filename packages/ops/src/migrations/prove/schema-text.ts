import { SeakeepError } from "@seakeep/contract";
import { diffLines } from "diff";
import type { Connection } from "../../postgres/connection.ts";
import { startProgram } from "../../postgres/program.ts";
import type { Programs } from "../../postgres/programs.ts";
import { withSession } from "./databases.ts";

/** Lines that say who dumped and when, or are random. */
const NOISE = /^(--.*|\\(un)?restrict .*|)$/;
/** A difference is told by so many lines. */
const MOST_LINES = 6;

/**
 * A schema as pg_dump writes it: whatever Postgres knows of, in an order that does not depend on how it came to be. With
 * the indexes that pg_dump leaves out, because an unfinished CREATE INDEX CONCURRENTLY left them invalid.
 */
export async function readSchemaText(
  programs: Programs,
  connection: Connection,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const args = ["--schema-only", "--no-password"];
  const program = startProgram({ path: programs.path("pg_dump"), args, connection });
  signal.addEventListener("abort", program.stop, { once: true });
  try {
    let text = "";
    for await (const part of program.stdout.setEncoding("utf8")) text += part;
    const { code, errors } = await program.ended;
    signal.throwIfAborted();
    if (code !== 0) throw new SeakeepError("SK-DUMP-001", `pg_dump could not read the schema: ${errors}`);
    const lines = text.split("\n").filter((line) => !NOISE.test(line));
    const invalid = await withSession(connection, invalidIndexes);
    return [...lines, ...invalid.map((index) => `invalid index ${index}`), ""].join("\n");
  } finally {
    signal.removeEventListener("abort", program.stop);
    program.stop();
  }
}

/** Names of indexes that nothing uses and everything pays for. */
export async function invalidIndexes(session: {
  query<Row extends object>(sql: string): Promise<Row[]>;
}): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_catalog.pg_index i
       join pg_catalog.pg_class c on c.oid = i.indexrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where not i.indisvalid and c.relkind = 'i' order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** How a schema differs from what it was, as lines with `-` and `+`; undefined: not at all. */
export function schemaDifference(before: string, after: string): string | undefined {
  const lines = diffLines(before, after).flatMap(({ added, removed, value }) =>
    added || removed
      ? value
          .trimEnd()
          .split("\n")
          .map((line) => `${added ? "+" : "-"} ${line.trim()}`)
      : [],
  );
  if (lines.length === 0) return undefined;
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`and ${more} more lines`] : [])].join("; ");
}
