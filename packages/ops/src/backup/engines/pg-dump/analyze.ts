import type { Connection } from "../../../postgres/connection.ts";
import { withSession } from "../../../postgres/session.ts";
import { atOnce } from "../../../system/at-once.ts";

/** Bytes from which a table is analyzed for itself. */
const LARGE = 8 * 1024 * 1024;
/** Names at most in one statement. */
const MOST = 500;

/**
 * Collects statistics of all tables, the server's own included, several at once: ANALYZE without names takes one after another.
 *
 * Partitions are analyzed with what they are partitions of, as the server does when that is named.
 *
 * @throws {SeakeepError} `SK-POSTGRES-*`
 */
export async function analyze(
  connection: Connection,
  jobs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const groups = grouped(await withSession(connection, signal, (session) => session.query<Table>(TABLES)));
  await atOnce(groups, jobs, signal, (names, stopped) =>
    withSession(connection, stopped, async (session) => void (await session.query(`analyze ${names}`))),
  );
}

interface Table {
  readonly name: string;
  readonly large: boolean;
}

const TABLES = `select format('%I.%I', n.nspname, c.relname) as name,
    c.relkind = 'p' or pg_relation_size(c.oid) >= ${LARGE} as large
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm', 'p') and not c.relispartition and c.relpersistence <> 't'
  order by pg_relation_size(c.oid) desc, name`;

/** Lists of names: the large ones each alone, and before the others. */
function grouped(tables: readonly Table[]): string[] {
  const small = tables.filter(({ large }) => !large).map(({ name }) => name);
  const lists = tables.filter(({ large }) => large).map(({ name }) => name);
  for (let from = 0; from < small.length; from += MOST) lists.push(small.slice(from, from + MOST).join(", "));
  return lists;
}
