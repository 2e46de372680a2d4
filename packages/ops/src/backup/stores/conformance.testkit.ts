import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
// biome-ignore lint/correctness/noUndeclaredDependencies: a suite for tests, never shipped; vitest is the workspace's
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Store } from "./store.ts";

const MIB = 1024 * 1024;

/** A store to be held to the port. */
export interface Subject {
  /** Sizes at which `ifAbsent` is atomic; default: one that goes in one request, and one in several parts. */
  readonly atomicSizes?: readonly number[];
  /** More objects than a page of a list; default 1203. */
  readonly many?: number;
  /** An empty place for this suite; `url` opens it once more, also in another process. */
  start(): Promise<{ readonly url: string; readonly open: () => Promise<Store> }>;
}

/** Bytes that differ everywhere, so that a lost or doubled piece shows. */
export function bytesOf(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer, 0, Math.floor(length / 4));
  for (let at = 0, word = length; at < words.length; at++) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    words[at] = word;
  }
  return bytes;
}

/** A body in pieces of this many bytes. */
export async function* piecesOf(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

export async function keysOf(store: Store, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

const HOSTILE = [
  ...[
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/..",
    "a/./b",
    "a/.b",
    ".a",
    "-a",
    "a/-b",
    "a..b",
  ],
  ...[
    "A",
    "a b",
    "a\\b",
    "a\0b",
    "a\nb",
    "ä",
    "a\u0301",
    "日本",
    "a%2e",
    "a?b",
    "a#b",
    "a:b",
    "\u202ea",
    "~",
    "$x",
  ],
  ...["x".repeat(201), "a/".repeat(300)],
];

/** The duties of the port, as tests. */
export function describeStore(name: string, subject: Subject): void {
  describe(`${name} keeps the duties of a store`, () => {
    let store: Store;
    let url: string;
    let open: () => Promise<Store>;
    beforeAll(async () => {
      ({ url, open } = await subject.start());
      store = await open();
    }, 120_000);
    afterAll(() => store?.close());
    const put = (key: string, bytes: Uint8Array, options = {}) =>
      store.put(key, piecesOf(bytes), { kind: "data", ...options });

    test.each([...[0, 1, 100_000, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB, 16 * MIB + 1], 40 * MIB + 7])(
      "gives back %i bytes as they were put",
      async (length) => {
        const bytes = bytesOf(length);
        const stored = await put(`sizes/n${length}`, bytes, { tags: { keep: "7d" } });
        expect(stored).toMatchObject({ key: `sizes/n${length}`, bytes: length });
        const seen = await store.head(stored.key);
        expect(seen).toMatchObject({ key: stored.key, bytes: length });
        expect(Math.abs(seen!.modified.getTime() - stored.modified.getTime())).toBeLessThan(2000);
        expect(Buffer.compare(await readAll(store.get(stored.key)), bytes)).toBe(0);
      },
      60_000,
    );

    test("replaces an object whole", async () => {
      await put("replace/a", bytesOf(300_000));
      await put("replace/a", bytesOf(5));
      expect(await readAll(store.get("replace/a"))).toEqual(Buffer.from(bytesOf(5)));
    });

    test("takes pieces of any size, empty ones included", async () => {
      const pieces = async function* () {
        for (const length of [0, 1, 0, 9 * MIB, 3, 0]) yield bytesOf(length);
      };
      const { bytes } = await store.put("pieces/a", pieces(), { kind: "data" });
      expect(bytes).toBe(9 * MIB + 4);
      expect((await readAll(store.get("pieces/a"))).length).toBe(bytes);
    });

    test.each([
      ["small", 10],
      ["large", 20 * MIB],
    ])("writes nothing when a %s body fails, and passes on why", async (size, length) => {
      const failing = async function* () {
        yield* piecesOf(bytesOf(length));
        throw Object.assign(new Error("pg_dump died"), { code: "ENOENT", syscall: "spawn" });
      };
      const before = new Date((await store.now()).getTime() + 3_600_000);
      await expect(store.put(`failed/${size}`, failing(), { kind: "data" })).rejects.toThrow("pg_dump died");
      expect(await keysOf(store, "failed/")).toEqual([]);
      expect(await store.head(`failed/${size}`)).toBeUndefined();
      expect(await store.sweep("failed/", before)).toBe(0);
    });

    test("stops when the signal says so, while the body is silent", async () => {
      const controller = new AbortController();
      const silent = async function* () {
        yield bytesOf(10);
        setTimeout(() => controller.abort(new Error("enough")), 50);
        await new Promise(() => {});
      };
      const { signal } = controller;
      await expect(store.put("silent/a", silent(), { kind: "data", signal })).rejects.toThrow("enough");
      await expect(store.put("silent/a", piecesOf(bytesOf(1)), { kind: "data", signal })).rejects.toThrow(
        "enough",
      );
      await expect(readAll(store.get("sizes/n1", { signal }))).rejects.toThrow("enough");
      expect(await keysOf(store, "silent/")).toEqual([]);
    });

    // Some S3 stores, Ceph among them, ignore the condition when an upload in parts is completed: between our look and the
    // completion another may come. Whoever needs exactly one winner writes what fits into one request, as all documents do.
    test.each([
      [100, 1],
      [9 * MIB, 3],
    ])(
      "lets one of several puts of %i bytes win that must not replace (%i at most, where parts have no condition)",
      async (length, most) => {
        const key = `race/n${length}`;
        const racers = Array.from({ length: 3 }, (_, racer) =>
          store.put(key, piecesOf(bytesOf(length - racer)), { kind: "index", ifAbsent: true }),
        );
        const outcomes = await Promise.allSettled(racers);
        const winners = outcomes.flatMap((outcome) =>
          outcome.status === "fulfilled" ? [outcome.value] : [],
        );
        const reasons = outcomes.flatMap((outcome) =>
          outcome.status === "rejected" ? [outcome.reason] : [],
        );
        expect(reasons.map(({ reason }) => reason)).toEqual(reasons.map(() => "conflict"));
        expect(winners.length).toBeGreaterThanOrEqual(1);
        expect(winners.length).toBeLessThanOrEqual(most);
        expect(winners.map(({ bytes }) => bytes)).toContain((await readAll(store.get(key))).length);
        await expect(put(key, bytesOf(3), { ifAbsent: true })).rejects.toMatchObject({ reason: "conflict" });
      },
    );

    test.each([100, 9 * MIB])("keeps an object of %i bytes that must not be replaced", async (length) => {
      const key = `kept/n${length}`;
      const first = await put(key, bytesOf(length), { ifAbsent: true });
      await expect(put(key, bytesOf(length + 1), { ifAbsent: true })).rejects.toMatchObject({
        reason: "conflict",
      });
      expect(await store.head(key)).toMatchObject({ bytes: first.bytes });
    });

    test("leaves nothing listed when the writer is killed, and sweeps what it left", async () => {
      const script = fileURLToPath(new URL("./writer.testkit.ts", import.meta.url));
      const child = spawn(process.execPath, ["--import", "jiti/register", script, url, "killed/big"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        await once(child.stdout, "data");
      } finally {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      expect(await keysOf(store, "killed/")).toEqual([]);
      expect(await store.head("killed/big")).toBeUndefined();
      const now = (await store.now()).getTime();
      expect(await store.sweep("killed/", new Date(now - 3_600_000))).toBe(0);
      expect(await store.sweep("other/", new Date(now + 3_600_000))).toBe(0);
      expect(await store.sweep("killed/", new Date(now + 3_600_000))).toBe(1);
      expect(await store.sweep("killed/", new Date(now + 3_600_000))).toBe(0);
    }, 30_000);

    test.each(HOSTILE)("refuses the key %j everywhere", async (key) => {
      const refused = { reason: "invalid" };
      await expect(put(key, bytesOf(1))).rejects.toMatchObject(refused);
      await expect(readAll(store.get(key))).rejects.toMatchObject(refused);
      await expect(store.head(key)).rejects.toMatchObject(refused);
      await expect(store.delete(key)).rejects.toMatchObject(refused);
    });

    test("says that a key is missing", async () => {
      expect(await store.head("missing/a")).toBeUndefined();
      await expect(readAll(store.get("missing/a"))).rejects.toMatchObject({ reason: "missing" });
      expect(await keysOf(store, "missing/")).toEqual([]);
    });

    test("deletes what is there and what is not", async () => {
      await put("gone/a", bytesOf(1));
      await store.delete("gone/a");
      await store.delete("gone/a");
      expect(await store.head("gone/a")).toBeUndefined();
    });

    test("lists in the order of keys, by prefixes that end anywhere", async () => {
      const keys = ["order/a", "order/a-b", "order/a.b", "order/a0", "order/ab/c", "order/ab-c", "order/b/a"];
      for (const key of [...keys].reverse()) await put(key, bytesOf(key.length));
      expect(await keysOf(store, "order/")).toEqual([...keys].sort());
      expect(await keysOf(store, "order/ab")).toEqual(["order/ab-c", "order/ab/c"]);
      expect(await keysOf(store, "order/ab/")).toEqual(["order/ab/c"]);
      await expect(keysOf(store, "../")).rejects.toMatchObject({ reason: "invalid" });
    });

    test("lists more than a page", async () => {
      const keys = Array.from(
        { length: subject.many ?? 1203 },
        (_, at) => `many/n${String(at).padStart(4, "0")}`,
      );
      for (let at = 0; at < keys.length; at += 50) {
        await Promise.all(keys.slice(at, at + 50).map((key) => put(key, bytesOf(1), { kind: "index" })));
      }
      expect(await keysOf(store, "many/")).toEqual(keys);
    }, 120_000);

    test("tells its own time", async () => {
      const { modified } = await put("clock/a", bytesOf(1));
      expect(Math.abs((await store.now()).getTime() - modified.getTime())).toBeLessThan(5000);
    });

    test("is named by a URL without secrets", () => {
      expect(store.url).toMatch(/^(file|s3):\/\/[^?@]+$/);
    });
  });
}
