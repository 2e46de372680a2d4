import { SeakeepError } from "@seakeep/contract";
import { expect, it } from "vitest";
import { loadFailure, readFailure, restoreFailure } from "./failures.ts";

const OF_THE_DUMP =
  'pg_restore: error: could not execute query: ERROR:  relation "a" does not exist\nCommand was: x';
const LOST = "pg_restore: error: COPY failed for table: server closed the connection unexpectedly";

it.each([
  ["a statement that fails", 1, OF_THE_DUMP, "SK-RESTORE-015"],
  ["the same, stopped by us", null, `${OF_THE_DUMP}\npg_restore: terminated by user`, "SK-RESTORE-015"],
  ["the same in one worker", 1, `${OF_THE_DUMP}\npg_restore: error: a worker process died`, "SK-RESTORE-015"],
  ["words that nobody knows", 1, "", "SK-RESTORE-015"],
  ["kill -9", null, "", "SK-RESTORE-018"],
  ["a signal it caught", 1, "pg_restore: terminated by user", "SK-RESTORE-018"],
  ["a server that is gone", 1, LOST, "SK-RESTORE-018"],
  ["a full disk", 1, "pg_restore: error: COPY failed: ERROR:  No space left on device", "SK-RESTORE-018"],
  ["a password that is wrong", 1, "pg_restore: error: password authentication failed", "SK-POSTGRES-003"],
])("of pg_restore by %s", (_name, code, errors, expected) => {
  const signal = code === null ? ("SIGKILL" as const) : null;
  expect(restoreFailure("pg_restore", { code, signal, errors })).toMatchObject({ code: expected });
});

const ofServer = (state: string, message: string) =>
  new SeakeepError("SK-POSTGRES-002", `The database "x" at y: ${message}`, { cause: { state, message } });

it.each<[why: string, error: Error, read: string, load: string]>([
  ["a value that is none", ofServer("22P02", "invalid input syntax"), "SK-DUMP-001", "SK-RESTORE-015"],
  ["a session that was ended", ofServer("57P01", "terminating connection"), "SK-DUMP-001", "SK-RESTORE-018"],
  ["a full disk", ofServer("53100", "could not extend file"), "SK-DUMP-001", "SK-RESTORE-018"],
  ["a connection that is lost", ofServer("", "Connection terminated"), "SK-DUMP-001", "SK-RESTORE-018"],
  ["hidden rows", ofServer("42501", "affected by row-level security policy"), "SK-DUMP-004", "SK-DUMP-004"],
  [
    "no right to it",
    ofServer("42501", "permission denied for table t"),
    "SK-POSTGRES-006",
    "SK-POSTGRES-006",
  ],
])("of COPY by %s", (_why, error, read, load) => {
  expect(readFailure("public.t", error)).toMatchObject({ code: read });
  expect(loadFailure("public.t", error)).toMatchObject({ code: load });
});

it("leaves alone what fails beside the server", () => {
  const error = new Error("the store is gone");
  expect([readFailure("public.t", error), loadFailure("public.t", error)]).toEqual([error, error]);
});
