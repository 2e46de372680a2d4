import { expect, it } from "vitest";
import { blocksReads, blocksWrites, LOCK_MODES, lockMode, stronger } from "./lock-mode.ts";

it("knows the modes by the names of pg_locks, and which of two is the stronger", () => {
  expect(lockMode("ShareUpdateExclusiveLock")).toBe("SHARE UPDATE EXCLUSIVE");
  expect(lockMode("AccessExclusiveLock")).toBe("ACCESS EXCLUSIVE");
  expect(lockMode("SIReadLock")).toBeUndefined();
  expect(stronger("EXCLUSIVE", "SHARE")).toBe("EXCLUSIVE");
});

it("knows who waits for them, by the documentation's table of conflicts", () => {
  expect(LOCK_MODES.filter(blocksReads)).toEqual(["ACCESS EXCLUSIVE"]);
  expect(LOCK_MODES.filter(blocksWrites)).toEqual(LOCK_MODES.slice(4));
});
