import { type ErrorCode, SeakeepError } from "@seakeep/contract";
import { rejection } from "../../../postgres/errors.ts";
import type { Ending } from "../../../postgres/program.ts";

/** What the words of Postgres mean to us; the first that fits. */
const MEANINGS: readonly (readonly [words: RegExp, code: ErrorCode])[] = [
  [/row-level security/, "SK-DUMP-004"],
  // pg_dump limits its wait for locks as a statement's time.
  [/due to lock timeout|could not obtain lock|due to statement timeout[\s\S]*LOCK TABLE/, "SK-DUMP-003"],
  [/password authentication failed|no password supplied|no pg_hba\.conf entry/, "SK-POSTGRES-003"],
  [/permission denied|must be owner|must be superuser/, "SK-POSTGRES-006"],
];

/** What a restore says of the machine or the server, and not of the dump. */
const CIRCUMSTANCES =
  /worker process died|closed the connection|terminating connection|no connection to the server|shutting down|starting up|could not connect|connection to server .* failed|No space left|out of memory/i;

/** Lines of standard error that a message quotes. */
const QUOTED = 6;

/** The failure of a program of Postgres that was to read a database. */
export function dumpFailure(program: string, ending: Ending): SeakeepError {
  return failure(program, ending, "SK-DUMP-001");
}

/**
 * The failure of a program of Postgres that was to fill a database: of the dump, unless it told of nothing but
 * circumstances, or was ended before it could tell.
 */
export function restoreFailure(program: string, ending: Ending): SeakeepError {
  const told = ending.errors.split("\n").filter((line) => line.startsWith(`${program}: error: `));
  const outside =
    told.length > 0
      ? told.every((line) => CIRCUMSTANCES.test(line))
      : ending.code === null || ending.errors.includes("terminated by user");
  return failure(program, ending, outside ? "SK-RESTORE-018" : "SK-RESTORE-015");
}

/** The failure of a COPY that was to read a table. */
export function readFailure(table: string, error: unknown): unknown {
  return copyFailure(`Reading ${table}`, error, "SK-DUMP-001");
}

/** The failure of a COPY that was to fill a table: of the dump, unless the server or the way to it failed. */
export function loadFailure(table: string, error: unknown): unknown {
  const { state } = rejection(error) ?? {};
  const ofTheDump = state !== undefined && !STATES_OF_CIRCUMSTANCES.test(state);
  return copyFailure(`Loading ${table}`, error, ofTheDump ? "SK-RESTORE-015" : "SK-RESTORE-018");
}

/** Connection lost, resources short, ended by somebody, trouble of its system, a bug of its own. */
const STATES_OF_CIRCUMSTANCES = /^(08|53|57|58|XX)/;

function copyFailure(what: string, error: unknown, otherwise: ErrorCode): unknown {
  if (!(error instanceof SeakeepError) || !error.code.startsWith("SK-POSTGRES-")) return error;
  const said = rejection(error)?.message ?? error.what;
  const meaning = MEANINGS.find(([words]) => words.test(said))?.[1] ?? otherwise;
  return new SeakeepError(meaning, `${what}: ${said}`, { cause: error });
}

function failure(program: string, { code, signal, errors }: Ending, otherwise: ErrorCode): SeakeepError {
  const how =
    signal !== null
      ? `was ended by ${signal}`
      : code === null
        ? "could not be started"
        : `ended with exit code ${code}`;
  const said = errors.split("\n").filter((line) => line !== "");
  const meaning = MEANINGS.find(([words]) => words.test(errors))?.[1] ?? otherwise;
  const quoted = said.slice(0, QUOTED).join("\n    ");
  return new SeakeepError(meaning, `${program} ${how}${quoted === "" ? "." : `: ${quoted}`}`);
}
