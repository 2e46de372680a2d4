import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bytesOf,
  describeStore,
  piecesOf,
  readAll,
} from "../../packages/ops/src/backup/stores/conformance.testkit.ts";
import { openStore } from "../../packages/ops/src/backup/stores/open.ts";
import { createBucket, signedFetch } from "../stack/bucket.ts";
import { type Ceph, startCeph } from "../stack/ceph.ts";
import { openScratch, type Scratch } from "../stack/scratch.ts";

let scratch: Scratch;
let ceph: Ceph;
beforeAll(async () => {
  scratch = await openScratch();
  ceph = await startCeph(scratch);
  Object.assign(process.env, ceph.env);
  await createBucket(ceph, "conformance");
}, 180_000);
afterAll(() => scratch.close());

describeStore("Ceph's S3", {
  // Ceph ignores the condition when an upload in parts is completed; manifests and locks are far smaller than a part.
  atomicSizes: [100],
  async start() {
    const url = `s3://conformance/some/prefix?endpoint=${encodeURIComponent(ceph.endpoint)}`;
    return { url, open: () => openStore(url) };
  },
});

describe("how Ceph keeps objects", () => {
  const optionsOf = (more: Readonly<Record<string, string>> = {}) =>
    new URLSearchParams({ endpoint: ceph.endpoint, ...more });
  const asked = (method: string, path: string, query = "") => signedFetch(ceph, method, path, query);

  test.each([
    ["small", 10],
    ["large", 9 * 1024 * 1024],
  ])("data of %s size in STANDARD_IA with tags and metadata, indexes in STANDARD", async (key, length) => {
    const store = await openStore(`s3://conformance/kept?${optionsOf()}`);
    const tags = { keep: "daily", until: "2026-12-24T06:30:00Z" };
    await store.put(key, piecesOf(bytesOf(length)), { kind: "data", tags });
    await store.put(`${key}.json`, piecesOf(bytesOf(9)), { kind: "index", tags });
    const head = await asked("HEAD", `/conformance/kept/${key}`);
    expect(head.headers.get("x-amz-storage-class")).toBe("STANDARD_IA");
    expect(head.headers.get("x-amz-meta-until")).toBe(tags.until);
    const index = await asked("HEAD", `/conformance/kept/${key}.json`);
    expect(index.headers.get("x-amz-storage-class") ?? "STANDARD").toBe("STANDARD");
    const xml = await (await asked("GET", `/conformance/kept/${key}`, "tagging=")).text();
    for (const [name, value] of Object.entries(tags))
      expect(xml).toContain(`<Key>${name}</Key><Value>${value}</Value>`);
    await store.close();
  });

  test("locked objects, whatever their size", async () => {
    await createBucket(ceph, "locked", { "x-amz-bucket-object-lock-enabled": "true" });
    const store = await openStore(`s3://locked?${optionsOf({ objectLock: "GOVERNANCE:1" })}`);
    for (const [key, length] of [
      ["small", 10],
      ["large", 9 * 1024 * 1024],
    ] as const) {
      await store.put(key, piecesOf(bytesOf(length)), { kind: "data" });
      const retention = await (await asked("GET", `/locked/${key}`, "retention=")).text();
      expect(`${key} ${retention}`).toContain("<Mode>GOVERNANCE</Mode>");
      expect((await readAll(store.get(key))).length).toBe(length);
    }
    await store.close();
  });

  test("nothing, and says why, without a bucket or with wrong credentials", async () => {
    const nowhere = await openStore(`s3://no-such-bucket?${optionsOf()}`);
    const put = (store: typeof nowhere) => store.put("a", piecesOf(bytesOf(1)), { kind: "data" });
    await expect(put(nowhere)).rejects.toMatchObject({
      reason: "invalid",
      why: expect.stringContaining("NoSuchBucket"),
    });
    const secret = process.env.AWS_SECRET_ACCESS_KEY;
    process.env.AWS_SECRET_ACCESS_KEY = "not-this-one";
    const stranger = await openStore(`s3://conformance?${optionsOf()}`);
    try {
      await expect(put(stranger)).rejects.toMatchObject({ reason: "denied", code: "SK-STORE-003" });
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = secret;
    }
    await Promise.all([nowhere.close(), stranger.close()]);
  });
});

describeStore("a folder", {
  async start() {
    const url = pathToFileURL(join(scratch.folder, "store")).href;
    return { url, open: () => openStore(url, { create: true }) };
  },
});
