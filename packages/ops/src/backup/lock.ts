import { SeakeepError } from "@seakeep/contract";
import { readDocument, writeDocument } from "./document.ts";
import { failedAs } from "./stores/error.ts";
import type { Store } from "./stores/store.ts";

/** Milliseconds that a lock lasts without a sign of life. */
const LEASE = 10 * 60_000;
const RENEW = LEASE / 5;
/** Others may be after a dead run's lock too. */
const ATTEMPTS = 3;
/** More than any lock says; a larger object is none of ours. */
const MOST_BYTES = 64 * 1024;

/** Who asks for a lock. */
export interface LockOwner {
  /** Unlike that of any other run: fences off whoever lost the lock and has not noticed. */
  readonly token: string;
  /** For people: host and process. */
  readonly holder: string;
  /**
   * The database whose own advisory lock is held for as long as this one. Another lock object of the same database is
   * then one that a dead run left behind, and need not be waited for.
   */
  readonly database: string;
}

/** A held lock. */
export interface StoreLock {
  /** @throws {SeakeepError} `SK-BACKUP-005` when somebody else holds it by now: publish nothing. */
  check(): Promise<void>;
  /** Safe more than once. What cannot be released lapses by itself. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a service's folder: an object that only one can make, renewed while it is held.
 *
 * Times are the store's, so that wrong clocks of machines do no harm.
 *
 * @throws {SeakeepError} `SK-BACKUP-004` when another run holds it.
 */
export async function acquireLock(store: Store, key: string, owner: LockOwner): Promise<StoreLock> {
  const text = JSON.stringify({ format: 1, ...owner });
  for (let attempt = 1; ; attempt++) {
    try {
      await writeDocument(store, key, text, { ifAbsent: true });
      return hold(store, key, owner.token, text);
    } catch (error) {
      if (!failedAs(error, "conflict")) throw error;
    }
    const now = await store.now();
    const other = await readLock(store, key);
    const age = now.getTime() - (other?.modified ?? now).getTime();
    const gone = other === undefined || age > LEASE || other.database === owner.database;
    if (!gone || attempt >= ATTEMPTS) throw held(other, age);
    await store.delete(key);
  }
}

function hold(store: Store, key: string, token: string, text: string): StoreLock {
  const mine = async () => (await readLock(store, key))?.token === token;
  const renew = async () => {
    if (await mine()) await writeDocument(store, key, text);
  };
  // A renewal that fails is tried again at the next; check() has the last word.
  const timer = setInterval(() => void renew().catch(() => {}), RENEW);
  timer.unref();
  return {
    async check() {
      if (!(await mine()))
        throw new SeakeepError("SK-BACKUP-005", "This run no longer holds the store's lock.");
    },
    async release() {
      clearInterval(timer);
      try {
        if (await mine()) await store.delete(key);
      } catch {
        // It lapses.
      }
    },
  };
}

interface FoundLock {
  readonly token?: unknown;
  readonly holder?: unknown;
  readonly database?: unknown;
  readonly modified: Date;
}

/** A lock that cannot be read as one is still one: it lapses by its age. */
async function readLock(store: Store, key: string): Promise<FoundLock | undefined> {
  const object = await store.head(key);
  if (object === undefined) return undefined;
  const { modified } = object;
  try {
    return { ...(JSON.parse(await readDocument(store, key, MOST_BYTES)) as object), modified };
  } catch (error) {
    if (failedAs(error, "missing")) return undefined;
    if (error instanceof SyntaxError || error instanceof RangeError) return { modified };
    throw error;
  }
}

function held(lock: FoundLock | undefined, age: number): SeakeepError {
  const holder = lock?.holder;
  const who = typeof holder === "string" ? holder.replace(/[^ -~]/g, "?").slice(0, 100) : "somebody";
  const seconds = Math.max(0, Math.round(age / 1000));
  const lapse = Math.max(1, Math.ceil((LEASE - age) / 60_000));
  return new SeakeepError("SK-BACKUP-004", `${who} is at it: its last sign of life was ${seconds} s ago.`, {
    fix: `Wait for it; if it has died, its lock lapses in ${lapse} min.`,
  });
}
