import { readFile } from "node:fs/promises";
import { SeakeepError } from "@seakeep/contract";
import { rejection } from "../../../postgres/errors.ts";
import type { Session } from "../../../postgres/session.ts";
import { briefly } from "../evidence.ts";
import { splitStatements } from "../statements.ts";
import { countText } from "../words.ts";
import type { OldCodeEvidence } from "./evidence.ts";
import { argumentsFor } from "./parameters.ts";

/** Statements that the previous release sends. */
export interface OldStatements {
  /** As it was named, for sentences. */
  readonly file: string;
  readonly statements: readonly string[];
}

/** @throws {SeakeepError} `SK-PROVE-004`. */
export async function readStatements(path: string, file: string): Promise<OldStatements> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new SeakeepError("SK-PROVE-004", `${file} could not be read: ${cause.message}.`, { cause });
  });
  const split = await splitStatements(text);
  if (split === undefined)
    throw new SeakeepError("SK-PROVE-004", `${file} is not SQL that Postgres understands.`);
  const statements = split
    .filter(({ transaction }) => transaction === undefined)
    .map((statement) => statement.text);
  if (statements.length === 0) throw new SeakeepError("SK-PROVE-004", `${file} holds no statement.`);
  return { file, statements };
}

/**
 * Runs each statement on the old schema, where it has to work, and on the new one; what it does is taken back. One that
 * did not work before proves nothing.
 */
export async function tryStatements(
  { file, statements }: OldStatements,
  before: Session,
  after: Session,
): Promise<OldCodeEvidence> {
  const broken: string[] = [];
  const unsure: string[] = [];
  for (const statement of statements) {
    const old = await attempt(before, statement);
    if (old.kind === "failed") {
      unsure.push(`${briefly(statement)} did not work before either: ${old.message}`);
      continue;
    }
    const now = await attempt(after, statement, old.argumentList);
    const worse = now.kind === "failed" || (now.kind === "parsed" && old.kind === "ran");
    if (worse) broken.push(`${briefly(statement)} no longer works: ${now.message}`);
    else if (old.kind === "parsed") {
      unsure.push(`${briefly(statement)} could be parsed, and found no parameters that it runs with`);
    }
  }
  const good = statements.length - broken.length - unsure.length;
  const evidence = [
    `${good} of ${countText(statements.length, "statement")} of ${file} ran before and after`,
    ...broken,
    ...unsure,
  ];
  return { runs: broken.length > 0 ? "no" : unsure.length > 0 ? "unknown" : "yes", evidence };
}

type Attempt =
  | { readonly kind: "ran"; readonly argumentList: string; readonly message: "" }
  | { readonly kind: "parsed"; readonly argumentList?: undefined; readonly message: string }
  | { readonly kind: "failed"; readonly argumentList?: undefined; readonly message: string };

/** EXPLAIN ANALYZE runs it, and does not send the rows here. */
async function attempt(session: Session, statement: string, argumentList?: string): Promise<Attempt> {
  const prepared = await rolledBack(session, async () => {
    await session.query(`prepare seakeep_old as ${statement}`);
    const [row] = await session.query<{ types: string[] }>(
      "select parameter_types::text[] as types from pg_catalog.pg_prepared_statements where name = 'seakeep_old'",
    );
    return row!.types;
  });
  // PREPARE takes queries only; anything else is run as it is.
  if (typeof prepared === "string") {
    if (/^\s*(select|insert|update|delete|with|values|merge)\b/i.test(statement)) {
      return { kind: "failed", message: prepared };
    }
    const message = await rolledBack(session, () => session.query(statement));
    return typeof message === "string"
      ? { kind: "failed", message }
      : { kind: "ran", argumentList: "", message: "" };
  }
  let message = "";
  try {
    for (const list of argumentList === undefined ? argumentsFor(prepared) : [argumentList]) {
      const outcome = await rolledBack(session, () =>
        session.query(`explain (analyze, costs off, timing off, summary off) execute seakeep_old${list}`),
      );
      if (typeof outcome !== "string") return { kind: "ran", argumentList: list, message: "" };
      message = outcome;
    }
    return { kind: "parsed", message };
  } finally {
    await session.query("deallocate all");
  }
}

/** What it answered, or the server's words of why not. Prepared statements outlive a transaction. */
async function rolledBack<T extends object>(session: Session, use: () => Promise<T>): Promise<T | string> {
  await session.query("begin");
  try {
    return await use();
  } catch (error) {
    const said = rejection(error);
    if (said === undefined) throw error;
    return said.message;
  } finally {
    await session.query("rollback");
  }
}
