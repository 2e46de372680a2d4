import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore, unavailable } from "../../test/backup/memory-store.ts";
import { acquireLock } from "./lock.ts";

const KEY = "shop/lock.json";
const MINUTE = 60_000;
const owner = (token: string, database = "database-1") => ({ token, holder: `${token}'s host`, database });
const stored = (store: ReturnType<typeof memoryStore>) =>
  JSON.parse(String(store.objects.get(KEY)!.bytes)) as { token: string };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("acquireLock", () => {
  it("is held against others, who are told by whom", async () => {
    const store = memoryStore();
    const lock = await acquireLock(store, KEY, owner("first"));
    await expect(acquireLock(store, KEY, owner("second", "elsewhere"))).rejects.toMatchObject({
      code: "SK-BACKUP-004",
      what: expect.stringContaining("first's host"),
    });
    await lock.check();
    await lock.release();
    expect(store.keys()).toEqual([]);
    await (await acquireLock(store, KEY, owner("second", "elsewhere"))).release();
  });

  it("is kept for as long as the run lives, and lapses ten minutes after", async () => {
    const store = memoryStore();
    await acquireLock(store, KEY, owner("first"));
    const start = store.time.getTime();
    for (let minutes = 1; minutes <= 30; minutes++) {
      store.time = new Date(start + minutes * MINUTE);
      await vi.advanceTimersByTimeAsync(MINUTE);
    }
    await expect(acquireLock(store, KEY, owner("second", "elsewhere"))).rejects.toMatchObject({
      code: "SK-BACKUP-004",
    });
    vi.clearAllTimers();
    store.time = new Date(start + 41 * MINUTE);
    await acquireLock(store, KEY, owner("second", "elsewhere"));
    expect(stored(store).token).toBe("second");
  });

  it("need not wait for a dead run of the same database", async () => {
    const store = memoryStore();
    await acquireLock(store, KEY, owner("dead"));
    vi.clearAllTimers();
    await acquireLock(store, KEY, owner("next"));
    expect(stored(store).token).toBe("next");
  });

  it("fences off whoever lost it without knowing", async () => {
    const store = memoryStore();
    const first = await acquireLock(store, KEY, owner("first"));
    await acquireLock(store, KEY, owner("second"));
    await expect(first.check()).rejects.toMatchObject({ code: "SK-BACKUP-005" });
    await first.release();
    // Neither renewal nor release touches what is another's.
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(stored(store).token).toBe("second");
  });

  it("survives renewals that fail, and a release that fails", async () => {
    const store = memoryStore();
    const lock = await acquireLock(store, KEY, owner("first"));
    store.fault = () => {
      throw unavailable();
    };
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    store.fault = () => {};
    await lock.check();
    store.fault = () => {
      throw unavailable();
    };
    await expect(lock.check()).rejects.toMatchObject({ reason: "unavailable" });
    await lock.release();
  });

  it("waits out a lock that nobody can read", async () => {
    const store = memoryStore();
    store.objects.set(KEY, { bytes: Buffer.alloc(100_000, "x"), modified: store.time });
    await expect(acquireLock(store, KEY, owner("first"))).rejects.toMatchObject({ code: "SK-BACKUP-004" });
    store.time = new Date(store.time.getTime() + 11 * MINUTE);
    await acquireLock(store, KEY, owner("first"));
    expect(stored(store).token).toBe("first");
  });
});
