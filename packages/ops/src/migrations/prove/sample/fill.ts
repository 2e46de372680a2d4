import { rejection } from "../../../postgres/errors.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { Session } from "../../../postgres/session.ts";
import { pin } from "../contents.ts";
import { inOrder } from "./order.ts";
import { readSampleTables, type SampleColumn, type SampleTable } from "./tables.ts";
import { makeValue } from "./values.ts";

/** A table that stays without rows, or a column without values: nothing can be proven of them. */
export interface Unfilled {
  /** Quoted, with its schema. */
  readonly table: string;
  readonly column?: string;
  readonly why: string;
}

/** Rounds of candidates; a check may refuse most of them. */
const ROUNDS = 32;

/**
 * Fills every empty table with rows that its constraints allow, the same ones each time. Triggers and rules do not run.
 *
 * @returns what could not be filled
 */
export async function fillSample(session: Session, rows: number): Promise<readonly Unfilled[]> {
  await pin(session);
  const unfilled: Unfilled[] = [];
  await session.query("set session_replication_role = replica");
  try {
    for (const table of inOrder(await readSampleTables(session))) {
      if (table.empty) unfilled.push(...(await fill(session, table, rows)));
    }
    await session.query("analyze");
  } finally {
    await session.query("reset session_replication_role");
  }
  return unfilled;
}

async function fill(session: Session, table: SampleTable, rows: number): Promise<readonly Unfilled[]> {
  const unfilled: Unfilled[] = [];
  const why = (reason: string): readonly Unfilled[] => [...unfilled, { table: table.name, why: reason }];
  const parts: Part[] = [];
  const joins: string[] = [];
  const taken = new Set<string>();
  for (const [number, { columns, table: other, keys }] of table.references.entries()) {
    const free = columns.filter((name) => !taken.has(name));
    for (const name of free) taken.add(name);
    const own = table.columns.filter(({ name }) => free.includes(name));
    const [there] = await session.query<{ rows: number }>(`select count(*)::int as rows from ${other}`);
    if (there!.rows === 0) {
      const required = own.find((column) => column.required);
      if (required !== undefined) return why(`${required.name} refers to ${other}, which has no rows`);
      parts.push(...own.map((column) => ({ column, sql: "null" })));
      continue;
    }
    joins.push(
      `left join (select row_number() over (order by ${keys.map(quoteIdentifier).join(", ")}) - 1 as n,
         ${keys.map(quoteIdentifier).join(", ")} from ${other}) r${number} on r${number}.n = (i - 1) % ${there!.rows}`,
    );
    parts.push(
      ...own.map((column) => ({
        column,
        sql: `r${number}.${quoteIdentifier(keys[columns.indexOf(column.name)]!)}`,
      })),
    );
  }
  for (const column of table.columns) {
    if (taken.has(column.name) || column.generated || column.counted) continue;
    const sql = makeValue(column, table);
    if (sql !== undefined) parts.push({ column, sql });
    else if (column.required) return why(`no value of type ${column.type} is known here`);
    else
      unfilled.push({
        table: table.name,
        column: column.name,
        why: `no value of type ${column.type} is known here`,
      });
  }
  try {
    let made = 0;
    for (let round = 0; round < ROUNDS && made < rows; round++) {
      made += await insert(session, table, parts, joins, { round, rows, wanted: rows - made });
    }
    return made > 0 ? unfilled : why("its constraints refuse every row that was tried");
  } catch (error) {
    const said = rejection(error);
    if (said === undefined) throw error;
    return why(said.message);
  }
}

interface Part {
  readonly column: SampleColumn;
  readonly sql: string;
}

/** Candidates first, then the checks, then the types: a domain or a partition raises an error for what is not its own. */
async function insert(
  session: Session,
  { name, conditions }: SampleTable,
  parts: readonly Part[],
  joins: readonly string[],
  { round, rows, wanted }: { readonly round: number; readonly rows: number; readonly wanted: number },
): Promise<number> {
  const columns = parts.map(({ column }) => quoteIdentifier(column.name));
  const candidates = parts.map(
    ({ column, sql }, index) => `(${chance(sql, index, round)}) as ${quoteIdentifier(column.name)}`,
  );
  // What is made by the database itself is null here, and a check on it is left to the table.
  const known = new Set(parts.map(({ column }) => column.name));
  const checks = conditions
    .filter((condition) => condition.columns.every((column) => known.has(column)))
    .map(({ sql }) => `and coalesce((${sql}), true)`);
  const cast = parts.map(({ column }) => `${quoteIdentifier(column.name)}::${column.type}`);
  const numbers = `generate_series(${round * rows + 1}, ${(round + 1) * rows}) i`;
  const into = columns.length === 0 ? name : `${name} (${columns.join(", ")})`;
  const statement = `insert into ${into} select ${cast.join(", ")}
    from (select ${candidates.join(", ")} from ${numbers} ${joins.join(" ")} offset 0) candidate
    where true ${checks.join(" ")} limit ${wanted} on conflict do nothing`;
  const [done] = await session.query<{ made: number }>(
    `with made as (${statement} returning 1) select count(*)::int as made from made`,
  );
  return done!.made;
}

/** `h` within the SQL of a value becomes the hash of row, column and round. */
function chance(sql: string, index: number, round: number): string {
  if (!/\bh\b/.test(sql)) return sql;
  return `select ${sql} from (select hashint8extended(i::int8, ${index * 1000 + round}) & 9223372036854775807 as h) chance`;
}
