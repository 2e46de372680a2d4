import { type ErrorCode, SeakeepError } from "@seakeep/contract";
import type { Ending } from "../../../postgres/program.ts";

/** What the words of Postgres mean to us; the first that fits. */
const MEANINGS: readonly (readonly [words: RegExp, code: ErrorCode])[] = [
  [/row-level security/, "SK-DUMP-004"],
  [/due to lock timeout|could not obtain lock/, "SK-DUMP-003"],
  [/password authentication failed|no password supplied|no pg_hba\.conf entry/, "SK-POSTGRES-003"],
  [/permission denied|must be owner|must be superuser/, "SK-POSTGRES-006"],
];

/** Lines of standard error that a message quotes. */
const QUOTED = 6;

/** The failure of a program of Postgres that was to read a database. */
export function dumpFailure(program: string, ending: Ending): SeakeepError {
  return failure(program, ending, "SK-DUMP-001");
}

/** The failure of a program of Postgres that was to fill a database. */
export function restoreFailure(program: string, ending: Ending): SeakeepError {
  return failure(program, ending, "SK-RESTORE-015");
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
