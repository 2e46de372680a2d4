import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { bytesOf, describeStore, keysOf, piecesOf, readAll } from "../conformance.testkit.ts";
import { openStore } from "../open.ts";
import type { PutOptions, Store } from "../store.ts";
import type { S3Settings } from "./options.ts";
import { PATIENCE } from "./remote.ts";
import { CREDENTIALS, type Fault, startTestServer, type TestServer } from "./server.testkit.ts";
import { openS3Store } from "./store.ts";

const LARGE = 10 * 1024 * 1024;
const ERROR = { status: 500, code: "InternalError" };
const SLOW_DOWN = { status: 503, code: "SlowDown" };

beforeAll(() => {
  for (const [name, value] of Object.entries(CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => vi.unstubAllEnvs());

describeStore("s3", {
  many: 103,
  async start() {
    const server = await startTestServer(50);
    return { url: server.url, open: () => openStore(server.url) };
  },
});

let server: TestServer;
let store: Store;
async function openWith(settings: Partial<S3Settings> = {}): Promise<Store> {
  const endpoint = new URL(server.url).searchParams.get("endpoint")!;
  const usual = { bucket: "bucket", prefix: "prefix/", endpoint, storageClass: "STANDARD_IA", tags: true };
  const retry = { attempts: 4, base: 1, cap: 5 };
  const patience = { ...PATIENCE, retry, idle: 150, question: 3000, transfer: 10_000 };
  return openS3Store({ ...usual, ...settings }, patience);
}
beforeEach(async () => {
  server = await startTestServer();
  store = await openWith();
  return async () => {
    await store.close();
    await server.close();
  };
});
const put = (length: number, options: Partial<PutOptions> = {}, key = "a") =>
  store.put(key, piecesOf(bytesOf(length)), { kind: "data", ...options });
const get = async (key = "a") => readAll(store.get(key));
const same = (read: Uint8Array, length: number) => Buffer.compare(read, bytesOf(length)) === 0;

const FAULTS: [string, Fault][] = [
  ["an internal error", ERROR],
  ["a request to slow down", SLOW_DOWN],
  ["silence", "silent"],
  ["a cut while sending", "cut-request"],
  ["a lost acknowledgement", "lost-answer"],
  ["a slow answer", "slow"],
];

describe("each request survives", () => {
  test.each(FAULTS)(
    "%s, twice",
    async (_name, fault) => {
      for (const operation of [
        ...[
          "CreateMultipartUpload",
          "UploadPart",
          "CompleteMultipartUpload",
          "PutObjectTagging",
          "HeadObject",
        ],
        ...["GetObject", "DeleteObject", "ListObjectsV2", "PutObject"],
      ]) {
        server.fault(operation, fault, fault);
      }
      const options = { ifAbsent: true, tags: { keep: "7d" } };
      expect(await put(LARGE, options)).toMatchObject({ bytes: LARGE });
      expect(await put(10, options, "b")).toMatchObject({ bytes: 10 });
      expect(same(await get(), LARGE)).toBe(true);
      expect(await keysOf(store)).toEqual(["a", "b"]);
      await store.delete("b");
      expect(await keysOf(store)).toEqual(["a"]);
    },
    20_000,
  );
});

describe("a request that keeps failing", () => {
  test.each([
    ["PutObject", 10],
    ["CreateMultipartUpload", LARGE],
    ["UploadPart", LARGE],
    ["CompleteMultipartUpload", LARGE],
    ["PutObjectTagging", LARGE],
  ])("leaves nothing behind: %s", async (operation, length) => {
    server.fault(operation, ...Array<Fault>(20).fill(SLOW_DOWN));
    const failing = put(length, { tags: { keep: "7d" } });
    await expect(failing).rejects.toMatchObject({ reason: "unavailable", code: "SK-STORE-004" });
    expect(server.bucket.objects.size).toBe(0);
    expect(server.bucket.uploads.size).toBe(0);
  });

  test("ends a put whose body is slow, too", async () => {
    server.fault("UploadPart", ...Array<Fault>(20).fill(ERROR));
    const slow = async function* () {
      yield bytesOf(9 * 1024 * 1024);
      await new Promise(() => {});
    };
    await expect(store.put("a", slow(), { kind: "data" })).rejects.toMatchObject({ reason: "unavailable" });
    expect(server.bucket.uploads.size).toBe(0);
  });
});

test("an acknowledgement that never comes is made up for by asking", async () => {
  server.fault("CompleteMultipartUpload", ...Array<Fault>(4).fill("lost-answer"));
  expect(await put(LARGE)).toMatchObject({ bytes: LARGE });
  server.fault("PutObject", ...Array<Fault>(4).fill("lost-answer"));
  expect(await put(7, { ifAbsent: true }, "b")).toMatchObject({ bytes: 7 });
});

test("somebody else's object is never taken for one's own", async () => {
  await put(10);
  server.fault("PutObject", "lost-answer");
  await expect(put(10, { ifAbsent: true })).rejects.toMatchObject({
    reason: "conflict",
    code: "SK-STORE-006",
  });
});

describe("get", () => {
  test("takes up a cut answer where it broke, again and again", async () => {
    await put(LARGE);
    server.fault("GetObject", "cut-answer", "cut-answer", ERROR, "cut-answer", "cut-answer", "cut-answer");
    expect(same(await get(), LARGE)).toBe(true);
    expect(server.asked.filter((operation) => operation === "GetObject")).toHaveLength(7);
  });

  test("never mixes two versions", async () => {
    await put(LARGE);
    server.fault("GetObject", "cut-answer");
    const read = async () => {
      let begun = false;
      for await (const _chunk of store.get("a")) {
        if (!begun) await put(LARGE + 1);
        begun = true;
      }
    };
    await expect(read()).rejects.toMatchObject({
      reason: "unavailable",
      what: "a changed while it was read.",
    });
  });

  test("is not cut by a reader who takes his time", async () => {
    await put(LARGE);
    let read = 0;
    for await (const chunk of store.get("a")) {
      if (read === 0) await new Promise((resolve) => setTimeout(resolve, 400));
      read += chunk.byteLength;
    }
    expect(read).toBe(LARGE);
  });
});

describe("how objects are kept", () => {
  test("data in the class that is declared, indexes in STANDARD, both with what is known of retention", async () => {
    await put(LARGE, { tags: { keep: "daily", until: "2026-12-24T06:30:00Z" } }, "large");
    await put(10, { tags: { keep: "daily" } }, "small");
    await put(10, { kind: "index" }, "index");
    const kept = (key: string) => server.bucket.objects.get(`prefix/${key}`)!;
    expect(kept("large").headers).toMatchObject({
      "x-amz-storage-class": "STANDARD_IA",
      "x-amz-meta-keep": "daily",
    });
    expect(kept("large").tags).toBe("keep=daily&until=2026-12-24T06%3A30%3A00Z");
    expect(kept("small").headers).toHaveProperty("x-amz-storage-class", "STANDARD_IA");
    expect(kept("small").tags).toBe("keep=daily");
    expect(kept("index").headers).not.toHaveProperty("x-amz-storage-class");
  });

  test("encrypted and locked as declared", async () => {
    await store.close();
    store = await openWith({
      sse: "aws:kms",
      kmsKeyId: "alias/backups",
      objectLock: { mode: "GOVERNANCE", days: 30 },
      tags: false,
    });
    await put(LARGE, { tags: { keep: "daily" } });
    const { headers, tags } = server.bucket.objects.get("prefix/a")!;
    expect(headers).toMatchObject({
      "x-amz-server-side-encryption": "aws:kms",
      "x-amz-server-side-encryption-aws-kms-key-id": "alias/backups",
      "x-amz-object-lock-mode": "GOVERNANCE",
    });
    const until = Date.parse(headers["x-amz-object-lock-retain-until-date"]!);
    expect(Math.abs(until - Date.now() - 30 * 86_400_000)).toBeLessThan(10_000);
    expect(tags).toBe("");
  });

  test("with tags that every store can take", async () => {
    for (const tags of [{ Keep: "x" }, { keep: "" }, { keep: "a\nb" }, { keep: "ä" }]) {
      await expect(put(1, { tags })).rejects.toMatchObject({ reason: "invalid" });
    }
  });
});

describe("clocks", () => {
  test("now is the store's", async () => {
    server.skew(-10 * 60_000);
    expect(Math.abs((await store.now()).getTime() - Date.now() + 600_000)).toBeLessThan(3000);
  });

  test("a machine whose clock is an hour off is still understood", async () => {
    server.skew(3_600_000);
    expect(await put(10)).toMatchObject({ bytes: 10 });
  });
});

test("what others keep in the bucket is neither listed nor swept", async () => {
  const { objects, uploads } = server.bucket;
  await put(1);
  const [kept] = objects.values();
  for (const key of ["other/a", "prefix/UPPER", "prefix/a\u0001b", "prefix", "prefixed/a"])
    objects.set(key, kept!);
  const begun = new Date(0);
  uploads.set("foreign", { key: "other/a", begun, headers: {}, parts: new Map() });
  uploads.set("ours", { key: "prefix/b", begun, headers: {}, parts: new Map() });
  expect(await keysOf(store)).toEqual(["a"]);
  expect(await store.sweep("", new Date())).toBe(1);
  expect([...uploads.keys()]).toEqual(["foreign"]);
});

test.each([
  ["NoSuchBucket", 404, "invalid", "aws s3 mb"],
  ["AccessDenied", 403, "denied", "permissions"],
  ["ExpiredToken", 400, "denied", "Log in again"],
  ["InvalidAccessKeyId", 403, "denied", "AWS_ACCESS_KEY_ID"],
  ["SignatureDoesNotMatch", 403, "denied", "AWS_SECRET_ACCESS_KEY"],
  ["RequestTimeTooSkewed", 403, "unavailable", "clock"],
  ["InvalidStorageClass", 400, "invalid", "storageClass"],
  ["AuthorizationHeaderMalformed", 400, "invalid", "region"],
  ["PermanentRedirect", 301, "invalid", "region"],
  ["QuotaExceeded", 403, "full", "prune"],
  ["NotImplemented", 501, "invalid", "tags"],
])("%s is told with its cure, and without secrets", async (code, status, reason, fix) => {
  server.fault("PutObject", ...Array<Fault>(9).fill({ status, code }));
  const error = await put(1).catch((failure: unknown) => failure);
  expect(error).toMatchObject({ reason, fix: expect.stringContaining(fix) });
  const told = JSON.stringify(error) + String((error as Error).stack) + String((error as Error).cause);
  for (const secret of Object.values(CREDENTIALS)) expect(told).not.toContain(secret);
});

test("a server that is not there is unavailable", async () => {
  await server.close();
  await expect(put(1)).rejects.toMatchObject({
    reason: "unavailable",
    why: expect.stringContaining("ECONNREFUSED"),
  });
});
