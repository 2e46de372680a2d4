import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, test } from "vitest";
import { createIn } from "../../test/backup/create.ts";
import { collect, noise } from "../../test/backup/fake-engine.ts";
import { memoryStore, unavailable } from "../../test/backup/memory-store.ts";
import { Damage } from "./archive/damage.ts";
import { fetchBackup } from "./fetch.ts";
import type { Manifest } from "./manifest.ts";

let workFolder: string;
beforeEach(() => {
  workFolder = mkdtempSync(join(tmpdir(), "seakeep-fetch-"));
});
afterEach(() => rmSync(workFolder, { recursive: true }));

/** No file is read as it comes. */
const none = () => false;
const options = (signal = new AbortController().signal) => ({ identities: [], workFolder, signal });

it.each(["linux", "darwin"])(
  "brings whole files that nobody else may read, and takes them away again: %s",
  async (platform) => {
    const store = memoryStore();
    const fetched = await fetchBackup(store, await createIn(store), none, options(), platform);
    expect(fetched.names).toEqual(["archive.dump", "globals.sql"]);
    const path = fetched.path("archive.dump");
    expect(readFileSync(path).equals(noise(5000))).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await fetched.remove();
    expect(readdirSync(workFolder)).toEqual([]);
    expect(() => readFileSync(path)).toThrow("ENOENT");
  },
);

it("has no name that a killed process could leave behind", async () => {
  const store = memoryStore();
  const manifest = await createIn(store);
  const seen: string[][] = [];
  store.fault = ({ op }) => {
    if (op === "get") seen.push(readdirSync(workFolder));
  };
  const { remove } = await fetchBackup(store, manifest, none, options(), "linux");
  expect(seen).toEqual([[], []]);
  expect(readdirSync(workFolder)).toEqual([]);
  await remove();
});

test.each([
  [
    "damaged",
    (key: string, store: ReturnType<typeof memoryStore>) => store.objects.get(key)!.bytes.fill(0, 2000, 2010),
    Damage,
  ],
  ["gone", (key: string, store: ReturnType<typeof memoryStore>) => store.objects.delete(key), Damage],
])("leaves nothing behind of a backup that is %s", async (_name, harm, error) => {
  const store = memoryStore();
  const manifest = await createIn(store);
  harm(manifest.files[0]!.key, store);
  await expect(fetchBackup(store, manifest, none, options())).rejects.toThrow(error);
  expect(readdirSync(workFolder)).toEqual([]);
});

it("leaves nothing behind when the store goes away, or it is interrupted", async () => {
  const store = memoryStore();
  const manifest = await createIn(store);
  const stop = new AbortController();
  store.fault = ({ op, key }) => {
    if (op === "get" && key.endsWith("globals.sql")) stop.abort(new Error("interrupted"));
  };
  await expect(fetchBackup(store, manifest, none, options(stop.signal))).rejects.toThrow("interrupted");
  store.fault = ({ op, key }) => {
    if (op === "get" && key.endsWith("globals.sql")) throw unavailable();
  };
  await expect(fetchBackup(store, manifest, none, options())).rejects.toMatchObject({
    reason: "unavailable",
  });
  expect(readdirSync(workFolder)).toEqual([]);
});

it("says beforehand that there is no room", async () => {
  const store = memoryStore();
  const { files, ...rest } = await createIn(store);
  const huge: Manifest = { ...rest, files: files.map((file) => ({ ...file, plainBytes: 1e15 })) };
  const calls = store.calls.length;
  await expect(fetchBackup(store, huge, none, options())).rejects.toMatchObject({ code: "SK-BACKUP-010" });
  expect(store.calls).toHaveLength(calls);
});

it("has no copy of what is read as it comes, and tells what is wrong with it", async () => {
  const store = memoryStore();
  const manifest = await createIn(store);
  const archive = (name: string) => name === "archive.dump";
  const fetched = await fetchBackup(store, manifest, archive, options());
  const read = () => collect(fetched.read("archive.dump", new AbortController().signal));
  expect((await read()).equals(noise(5000))).toBe(true);
  expect(await fetched.damage()).toBeUndefined();
  store.objects.get(manifest.files[0]!.key)!.bytes.fill(0, 2000, 2010);
  await expect(read()).rejects.toThrow(Damage);
  expect(await fetched.damage()).toContain("archive.dump: bytes 0 to");
  await fetched.remove();
});
