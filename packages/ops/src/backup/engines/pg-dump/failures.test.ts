import { expect, it } from "vitest";
import { restoreFailure } from "./failures.ts";

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
