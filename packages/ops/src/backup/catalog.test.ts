import { setImmediate } from "node:timers/promises";
import { expect, it, test } from "vitest";
import { createIn } from "../../test/backup/create.ts";
import { type MemoryStore, memoryStore, unavailable } from "../../test/backup/memory-store.ts";
import { readCatalog } from "./catalog.ts";
import { recordFinding } from "./finding.ts";
import { completeManifest, type Manifest, renderManifest } from "./manifest.ts";
import { writeProof } from "./proof.ts";
import { verify } from "./verify.ts";

const tool = "seakeep test";
const proof = { by: "restore", tool: "seakeep test", seconds: 1.5 } as const;

function change(store: MemoryStore, suffix: string, edit: (bytes: Buffer) => Buffer | undefined): void {
  const key = store.keys().find((candidate) => candidate.endsWith(suffix))!;
  const object = store.objects.get(key)!;
  const bytes = edit(object.bytes);
  if (bytes === undefined) store.objects.delete(key);
  else store.objects.set(key, { ...object, bytes });
}

function rewrite(store: MemoryStore, edit: (manifest: Manifest) => Partial<Manifest>): void {
  change(store, "manifest.json", (bytes) => {
    const { checksum: _, ...body } = JSON.parse(String(bytes)) as Manifest;
    return Buffer.from(renderManifest(completeManifest({ ...body, ...edit(body as Manifest) })));
  });
}

it("lists by service and sequence, the oldest first", async () => {
  const store = memoryStore();
  for (const service of ["shop", "Shop", "shop", "blog"]) await createIn(store, { service });
  store.objects.set("readme.txt", { bytes: Buffer.from("hello"), modified: store.time });
  const { backups } = await readCatalog(store);
  expect(backups.map(({ manifest, sequence }) => `${manifest?.service} ${sequence}`)).toEqual([
    "blog 1",
    "shop 1",
    "shop 2",
    "Shop 1",
  ]);
  expect((await readCatalog(store, "shop")).backups.map(({ sequence }) => sequence)).toEqual([1, 2]);
});

it("reads the documents of eight backups at once, and no more", async () => {
  const store = memoryStore();
  for (let made = 0; made < 10; made++) await createIn(store);
  let [open, most] = [0, 0];
  const get: typeof store.get = async function* (key, options) {
    most = Math.max(most, ++open);
    await setImmediate();
    yield* store.get(key, options);
    open--;
  };
  const { backups } = await readCatalog({ ...store, get });
  expect(backups.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(most).toBe(8);
});

it("is proven by a restore of that very backup, and of no other", async () => {
  const store = memoryStore();
  const [first, second] = [await createIn(store), await createIn(store)];
  await writeProof(store, "shop", first, proof);
  await writeProof(store, "shop", { ...second, checksum: first.checksum }, proof);
  store.objects.set(`shop/proofs/${second.id}/99991231t000000z.json`, {
    bytes: Buffer.from("yes, it is"),
    modified: store.time,
  });
  const { backups } = await readCatalog(store);
  expect(backups.map(({ state }) => state)).toEqual(["proven", "complete"]);
  expect(backups[0]!.proof).toMatchObject({ ...proof, tables: 1, rows: 3, at: store.time.toISOString() });
});

test.each([
  [
    "an object is gone",
    (store: MemoryStore) => change(store, "globals.sql", () => undefined),
    "globals.sql: it is not in the store.",
  ],
  [
    "an object is short",
    (store: MemoryStore) => change(store, "archive.dump", (bytes) => bytes.subarray(1)),
    /archive.dump: it has \d+ bytes, and \d+ were stored/,
  ],
  [
    "its manifest is cut",
    (store: MemoryStore) => change(store, "manifest.json", (bytes) => bytes.subarray(0, 500)),
    /not JSON/,
  ],
  [
    "its manifest is empty",
    (store: MemoryStore) => change(store, "manifest.json", () => Buffer.alloc(0)),
    /not JSON/,
  ],
  [
    "a row count was touched",
    (store: MemoryStore) =>
      change(store, "manifest.json", (bytes) => Buffer.from(String(bytes).replace('"rows": 3', '"rows": 4'))),
    /checksum/,
  ],
  [
    "its manifest is another's",
    (store: MemoryStore) => rewrite(store, () => ({ id: "b000009-20261123t063000z-7f3a" })),
    /that of b000009/,
  ],
  [
    "its manifest leads elsewhere",
    (store: MemoryStore) => {
      const stranger = "shop/backups/b000009-20261123t063000z-7f3a/archive.dump";
      store.objects.set(
        stranger,
        store.objects.get(store.keys().find((key) => key.endsWith("archive.dump"))!)!,
      );
      rewrite(store, ({ files }) => ({ files: [{ ...files[0]!, key: stranger }] }));
    },
    /archive.dump: it is not in the store/,
  ],
])("is damaged when %s, though it was proven before", async (_name, damage, told) => {
  const store = memoryStore();
  await writeProof(store, "shop", await createIn(store), proof);
  damage(store);
  const [entry] = (await readCatalog(store)).backups;
  expect(entry!.state).toBe("damaged");
  expect(entry!.problems.join()).toMatch(told);
  expect(await verify(store, entry!, { tool })).toMatchObject({ ok: false, problems: entry!.problems });
});

it("is damaged, not gone, when the manifest of a proven one vanishes", async () => {
  const store = memoryStore();
  await writeProof(store, "shop", await createIn(store), proof);
  change(store, "manifest.json", () => undefined);
  const { backups, leftovers } = await readCatalog(store);
  expect(backups.map(({ state, problems }) => [state, ...problems])).toEqual([
    ["damaged", "Its manifest is no longer in the store."],
  ]);
  expect(leftovers).toEqual([]);
});

it("gives no verdict when the store does not answer", async () => {
  const store = memoryStore();
  await writeProof(store, "shop", await createIn(store), proof);
  const calls = store.calls.length;
  await readCatalog(store);
  const reads = store.calls.length - calls;
  expect(reads).toBeGreaterThan(2);
  for (let number = 1; number <= reads; number++) {
    const from = store.calls.length;
    store.fault = (call) => {
      if (call.number === from + number) throw unavailable();
    };
    await expect(readCatalog(store), `call ${number}`).rejects.toMatchObject({ reason: "unavailable" });
  }
});

it("verifies every byte of every file", async () => {
  const store = memoryStore();
  await createIn(store);
  change(store, "globals.sql", (bytes) => Buffer.from(bytes).fill(0, 20, 21));
  change(store, "archive.dump", (bytes) => Buffer.from(bytes).fill(0, 2000, 2004));
  const [entry] = (await readCatalog(store)).backups;
  expect(entry!.state).toBe("complete");
  const verdict = await verify(store, entry!, { tool });
  expect(verdict.ok).toBe(false);
  expect(verdict.problems.map((problem) => problem.split(":")[0])).toEqual(["archive.dump", "globals.sql"]);
});

it("is damaged from when a reading found so, until one finds it sound or it was restored", async () => {
  const store = memoryStore();
  const manifest = await createIn(store);
  await writeProof(store, "shop", manifest, proof);
  const look = async () => (await readCatalog(store)).backups[0]!;
  const later = () => {
    store.time = new Date(store.time.getTime() + 60_000);
  };
  const sound = new Map(store.objects);
  change(store, "archive.dump", (bytes) => Buffer.from(bytes).fill(0, 2000, 2004));
  expect((await look()).state).toBe("proven");

  later();
  const { problems } = await verify(store, await look(), { tool });
  expect(problems.join()).toMatch(/^archive.dump: bytes /);
  expect(await look()).toMatchObject({ state: "damaged", problems, lacking: [], finding: { tool } });
  const objects = store.objects.size;
  expect((await verify(store, await look(), { tool })).problems).toEqual(problems);
  expect(store.objects.size, "the same is no news").toBe(objects);

  later();
  for (const [key, object] of sound) store.objects.set(key, object);
  expect(await verify(store, await look(), { tool })).toMatchObject({ ok: true, problems: [] });
  expect((await look()).state).toBe("proven");

  later();
  await recordFinding(store, await look(), ["archive.dump: bytes 0 to 9 are not what was stored."], tool);
  expect((await look()).state).toBe("damaged");
  later();
  await writeProof(store, "shop", manifest, proof);
  expect(await look()).toMatchObject({ state: "proven", problems: [] });
});

it("puts nothing on record that a second reading does not find", async () => {
  const store = memoryStore();
  await createIn(store);
  const [entry] = (await readCatalog(store)).backups;
  const sound = new Map(store.objects);
  change(store, "archive.dump", (bytes) => Buffer.from(bytes).fill(0, 2000, 2004));
  let readings = 0;
  store.fault = ({ op, key }) => {
    if (op !== "get" || !key.endsWith("archive.dump")) return;
    readings++;
    // What was wrong was on the way.
    if (readings === 2) for (const [each, object] of sound) store.objects.set(each, object);
  };
  expect((await verify(store, entry!, { tool })).ok).toBe(false);
  expect(readings).toBe(2);
  expect((await readCatalog(store)).backups[0]!.state).toBe("complete");
});

it("says what it found also where the store may only be read", async () => {
  const store = memoryStore();
  await createIn(store);
  change(store, "archive.dump", (bytes) => Buffer.from(bytes).fill(0, 2000, 2004));
  const [entry] = (await readCatalog(store)).backups;
  store.fault = ({ op }) => {
    if (op === "put") throw unavailable();
  };
  const warnings: string[] = [];
  const verdict = await verify(store, entry!, { tool, onWarning: (text) => warnings.push(text) });
  expect(verdict.ok).toBe(false);
  expect(warnings.join()).toMatch(/not on record/);
});

it("is damaged by any one bit of its manifest that changes what it says", async () => {
  const store = memoryStore();
  const manifest = await createIn(store);
  const key = store.keys().find((candidate) => candidate.endsWith("manifest.json"))!;
  const sound = store.objects.get(key)!;
  let unchanged = 0;
  for (let position = 0; position < sound.bytes.length; position++) {
    const bytes = Buffer.from(sound.bytes);
    bytes[position]! ^= 1 << (position % 7);
    store.objects.set(key, { ...sound, bytes });
    const [entry] = (await readCatalog(store)).backups;
    if (entry!.state === "damaged") continue;
    // A blank that became another blank says the same.
    expect(entry!.manifest, `byte ${position}`).toEqual(manifest);
    unchanged++;
  }
  expect(unchanged).toBeLessThan(sound.bytes.length / 10);
});
