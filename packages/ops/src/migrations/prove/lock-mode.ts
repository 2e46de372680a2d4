/**
 * The lock modes of tables, from the weakest to the strongest:
 * https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES.
 */
export const LOCK_MODES = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;
export type LockMode = (typeof LOCK_MODES)[number];

/** Reads the name that pg_locks uses: `AccessExclusiveLock`. */
export function lockMode(name: string): LockMode | undefined {
  const words = name
    .replace(/Lock$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();
  return LOCK_MODES.find((mode) => mode === words);
}

/** The stronger of two. */
export function stronger(one: LockMode, other: LockMode): LockMode {
  return LOCK_MODES.indexOf(one) < LOCK_MODES.indexOf(other) ? other : one;
}

/** True when a plain SELECT waits for who holds it. */
export function blocksReads(mode: LockMode): boolean {
  return mode === "ACCESS EXCLUSIVE";
}

/** True when INSERT, UPDATE and DELETE wait for who holds it. */
export function blocksWrites(mode: LockMode): boolean {
  return LOCK_MODES.indexOf(mode) >= LOCK_MODES.indexOf("SHARE");
}
