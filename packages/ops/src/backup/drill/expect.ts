import type { Connection } from "../../postgres/connection.ts";
import { place } from "../../postgres/errors.ts";
import { type Session, withSession } from "../../postgres/session.ts";
import type { Expectation } from "./expectation.ts";

/** How one expectation came out. */
export interface ExpectationResult {
  readonly name: string;
  readonly passed: boolean;
  /** Why it did not pass, in words. */
  readonly problem?: string;
}

/** Milliseconds that one expectation may take. */
const TIMEOUT = 60_000;
/** Longest problem that is told. */
const MOST_TEXT = 500;

/** Holds a restored database to each expectation in turn. */
export async function holdTo(
  connection: Connection,
  expectations: readonly Expectation[],
  signal: AbortSignal,
): Promise<ExpectationResult[]> {
  const results: ExpectationResult[] = [];
  for (const expectation of expectations) {
    signal.throwIfAborted();
    const problem = await problemOf(connection, expectation, signal);
    results.push({ name: expectation.name, passed: problem === undefined, ...(problem && { problem }) });
  }
  return results;
}

/** What expectations come to when there is no database to hold to them: none of them passed. */
export function notHeld(expectations: readonly Expectation[]): ExpectationResult[] {
  return expectations.map(({ name }) => ({
    name,
    passed: false,
    problem: "not tried: there is no validated database",
  }));
}

/** A session of its own each: what one leaves behind must not decide the next. */
async function problemOf(
  connection: Connection,
  { query }: Expectation,
  signal: AbortSignal,
): Promise<string | undefined> {
  return withSession(connection, signal, async (session) => {
    try {
      return judge(await answer(session, query));
    } catch (error) {
      signal.throwIfAborted();
      return words(error, connection);
    }
  });
}

interface Answer {
  readonly passed: unknown;
  readonly type: string;
  readonly whole: string;
}

async function answer(session: Session, query: string): Promise<readonly Answer[] | undefined> {
  // The names that the database resolves for the application, not only those of pg_catalog.
  await session.query("reset search_path");
  await session.query("begin read only");
  await session.query(`set local statement_timeout = ${TIMEOUT}`);
  const inner = query.trim().replace(/;$/, "");
  // As a subquery it is one statement, and the row as a whole tells how many columns it has. Two rows tell enough.
  const rows = await session.query<Answer>(
    `select seakeep.passed, pg_catalog.pg_typeof(seakeep.passed)::text as type, seakeep::text as whole
     from (${inner}\n) as seakeep (passed) limit 2`,
  );
  await session.query("rollback");
  return rows;
}

function judge(rows: readonly Answer[] | undefined): string | undefined {
  if (rows === undefined) return "it is more than one statement";
  const [row, second] = rows;
  if (row === undefined) return "it answered no row";
  if (second !== undefined) return "it answered more than one row";
  // "(t)", "(f)" or "()": with a comma there is another column.
  if (!/^\([tf]?\)$/.test(row.whole) || row.type !== "boolean") return "it answered other than one boolean";
  if (row.passed === null) return "it answered null";
  return row.passed === true ? undefined : "it answered false";
}

/** The server's own words, without the address of a server that lives for minutes. */
function words(error: unknown, connection: Connection): string {
  const { what, message } = error as { readonly what?: string; readonly message: string };
  return `it raised an error: ${(what ?? message).replace(`${place(connection)}: `, "")}`.slice(0, MOST_TEXT);
}
