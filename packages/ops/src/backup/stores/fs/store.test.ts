import { mkdir, mkdtemp, readdir, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf, describeStore, keysOf, piecesOf, readAll } from "../conformance.testkit.ts";
import { openStore } from "../open.ts";
import type { Store } from "../store.ts";
import { failureOf } from "./failure.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "seakeep-fs-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describeStore("fs", {
  async start() {
    const url = pathToFileURL(join(scratch, "conformance")).href;
    return { url, open: () => openStore(url, { create: true }) };
  },
});

async function fresh(name: string): Promise<{ root: string; store: Store }> {
  const root = join(scratch, name);
  return { root, store: await openStore(pathToFileURL(root).href, { create: true }) };
}
const put = (store: Store, key: string, length = 10) =>
  store.put(key, piecesOf(bytesOf(length)), { kind: "data" });

describe("the root", () => {
  test("is made when the folder above exists, for a verb that writes", async () => {
    const url = pathToFileURL(join(scratch, "leaf")).href;
    await expect(openStore(url)).rejects.toMatchObject({
      reason: "invalid",
      fix: expect.stringContaining("mkdir -p"),
    });
    await (await openStore(url, { create: true })).close();
    expect((await stat(join(scratch, "leaf"))).mode & 0o777).toBe(0o700);
    const deep = pathToFileURL(join(scratch, "no/such")).href;
    await expect(openStore(deep, { create: true })).rejects.toMatchObject({ code: "SK-STORE-002" });
  });

  test("is a folder", async () => {
    await writeFile(join(scratch, "file"), "");
    const url = pathToFileURL(join(scratch, "file")).href;
    await expect(openStore(url)).rejects.toMatchObject({ reason: "invalid" });
  });
});

test("files and folders are for this user only", async () => {
  const { root, store } = await fresh("modes");
  await put(store, "a/b");
  expect((await stat(join(root, "a"))).mode & 0o777).toBe(0o700);
  expect((await stat(join(root, "a/b"))).mode & 0o777).toBe(0o600);
  expect(await readdir(join(root, "a"))).toEqual(["b"]);
});

describe("a hostile link", () => {
  test("of a folder is refused on every way through it", async () => {
    const { root, store } = await fresh("linked-folder");
    const outside = join(scratch, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret"), "secret");
    await symlink(outside, join(root, "a"));
    const refused = { reason: "invalid" };
    await expect(put(store, "a/x")).rejects.toMatchObject(refused);
    await expect(readAll(store.get("a/secret"))).rejects.toMatchObject(refused);
    await expect(store.head("a/secret")).rejects.toMatchObject(refused);
    await expect(store.delete("a/secret")).rejects.toMatchObject(refused);
    await expect(store.sweep("a/", new Date(9e12))).rejects.toMatchObject(refused);
    expect(await keysOf(store)).toEqual([]);
    expect(await readdir(outside)).toEqual(["secret"]);
  });

  test("of a file is neither read, written through nor listed", async () => {
    const { root, store } = await fresh("linked-file");
    const outside = join(scratch, "target");
    await writeFile(outside, "secret");
    await symlink(outside, join(root, "a"));
    await expect(readAll(store.get("a"))).rejects.toMatchObject({ reason: "invalid" });
    expect(await keysOf(store)).toEqual([]);
    await put(store, "a", 3);
    expect((await stat(outside)).size).toBe(6);
    expect((await store.head("a"))?.bytes).toBe(3);
  });
});

test("foreign files are not listed, and never swept", async () => {
  const { root, store } = await fresh("foreign");
  for (const name of [".seakeep-x.tmp", "UPPER", "a b", ".seakeep-0123456789abcdef.tmp"]) {
    await writeFile(join(root, name), "x");
  }
  expect(await keysOf(store)).toEqual([]);
  expect(await store.sweep("", new Date(Date.now() + 60_000))).toBe(1);
  expect((await readdir(root)).sort()).toEqual([".seakeep-x.tmp", "UPPER", "a b"]);
});

test("a file that is cut short while it is read is an error", async () => {
  const { root, store } = await fresh("short");
  await put(store, "a", 1_000_000);
  const read = async () => {
    for await (const _chunk of store.get("a")) await truncate(join(root, "a"), 300_000);
  };
  await expect(read()).rejects.toMatchObject({
    reason: "unavailable",
    what: expect.stringContaining("of 1000000"),
  });
});

test.each([
  ["EACCES", "denied"],
  ["EROFS", "denied"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["ELOOP", "invalid"],
  ["EIO", "unavailable"],
])("%s means %s", (code, reason) => {
  const failed = Object.assign(new Error(code), { code, syscall: "write" });
  expect(failureOf(failed, "Writing")).toMatchObject({ reason, what: "Writing failed." });
});
