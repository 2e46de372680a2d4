import { describe, expect, it, test } from "vitest";
import { createIn } from "../../test/backup/create.ts";
import { fakeEngine, noise } from "../../test/backup/fake-engine.ts";
import { type MemoryStore, memoryStore, unavailable } from "../../test/backup/memory-store.ts";
import { readCatalog } from "./catalog.ts";
import { writeProof } from "./proof.ts";
import { dated, planPrune, prune } from "./prune.ts";

const DAY = 86_400_000;
const { signal } = new AbortController();

/** One backup a day, the first of them proven. */
async function history(days: number): Promise<MemoryStore> {
  const store = memoryStore();
  for (let day = 0; day < days; day++) {
    store.time = new Date(store.time.getTime() + DAY);
    const { time } = store;
    const manifest = await createIn(store, { now: () => time });
    if (day === 0) await writeProof(store, "shop", manifest, { by: "restore", tool: "test", seconds: 1 });
  }
  return store;
}

const plan = async (store: MemoryStore, now = store.time) =>
  planPrune(store, (await readCatalog(store)).backups, { daily: 2 }, now);
const sequences = async (store: MemoryStore) =>
  (await readCatalog(store)).backups.map(({ sequence }) => sequence);

describe("prune", () => {
  it("deletes what the rules let go, and every object of it", async () => {
    const store = await history(5);
    const gone = (await readCatalog(store)).backups.slice(1, 3).map(({ id }) => id);
    await prune(store, await plan(store), { signal });
    expect(await sequences(store)).toEqual([1, 4, 5]);
    expect(store.keys().filter((key) => gone.some((id) => key.includes(id)))).toEqual([]);
  });

  it("leaves nothing that is listed and not whole, wherever it stops", async () => {
    const store = await history(5);
    const before = store.calls.length;
    await prune(store, await plan(store), { signal });
    const deletions = store.calls.slice(before).filter(({ op }) => op === "delete").length;
    expect(deletions).toBe(6);
    for (let stop = 1; stop <= deletions; stop++) {
      const other = await history(5);
      const planned = await plan(other);
      let seen = 0;
      other.fault = ({ op }) => {
        if (op === "delete" && ++seen === stop) throw unavailable();
      };
      await expect(prune(other, planned, { signal })).rejects.toMatchObject({ reason: "unavailable" });
      other.fault = () => {};
      const { backups } = await readCatalog(other);
      expect(backups.flatMap(({ problems }) => problems)).toEqual([]);
      await prune(other, await plan(other), { signal });
      expect(await sequences(other)).toEqual([1, 4, 5]);
    }
  });

  it("goes by when a backup was made, though the whole store was copied since", async () => {
    const store = await history(5);
    for (const [key, object] of store.objects) store.objects.set(key, { ...object, modified: store.time });
    await prune(store, await plan(store), { signal });
    expect(await sequences(store)).toEqual([1, 4, 5]);
  });

  it("believes no clock that puts a backup behind its storing, or before its elder", async () => {
    const store = await history(3);
    const { backups } = await readCatalog(store);
    const claimed = ["2030-01-01T00:00:00Z", "2001-01-01T00:00:00Z", backups[2]!.manifest!.finishedAt];
    const entries = backups.map((entry, index) => ({
      ...entry,
      manifest: { ...entry.manifest!, finishedAt: claimed[index]! },
    }));
    const [first, , third] = backups.map(({ stored }) => stored);
    expect(dated(entries).map(({ at }) => at)).toEqual([first, first, third]);
  });

  test.each([-6, 6])("refuses when the clocks are %i minutes apart", async (minutes) => {
    const store = await history(3);
    const now = new Date(store.time.getTime() + minutes * 60_000);
    await expect(plan(store, now)).rejects.toMatchObject({
      code: "SK-BACKUP-014",
      what: expect.stringContaining("360 s"),
    });
  });

  it("refuses when a backup is from the future", async () => {
    const store = await history(3);
    store.time = new Date(store.time.getTime() - DAY);
    await expect(plan(store)).rejects.toMatchObject({ code: "SK-BACKUP-014" });
  });

  it("refuses when the newest is less than half of the one before, until another confirms it", async () => {
    const store = await history(3);
    const engine = () => fakeEngine({ files: { "archive.dump": noise(2000) } });
    await createIn(store, { engine: engine() });
    await expect(plan(store)).rejects.toMatchObject({
      code: "SK-BACKUP-014",
      what: expect.stringContaining("2000 bytes"),
    });
    await createIn(store, { engine: engine() });
    expect(await plan(store)).toHaveLength(5);
  });
});
