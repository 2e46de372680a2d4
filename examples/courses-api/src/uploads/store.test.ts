import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { storeFile, TooLargeError } from "./store.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "courses-api-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const options = (maxBytes = 1_000) => ({ folder, extension: "txt", maxBytes });

test("a stream is kept whole, under a name of our own, readable by us alone", async () => {
  const stored = await storeFile(Readable.from([Buffer.from("hello "), Buffer.from("world")]), options(11));
  expect(stored.name).toMatch(/^[\da-f-]{36}\.txt$/);
  expect(stored.bytes).toBe(11);
  expect(stored.sha256).toBe(createHash("sha256").update("hello world").digest("hex"));
  expect(await readdir(folder)).toEqual([stored.name]);
  expect(await readFile(join(folder, stored.name), "utf8")).toBe("hello world");
  expect((await stat(join(folder, stored.name))).mode & 0o777).toBe(0o600);
});

test("one byte too many: nothing is kept, and the source lives on to be drained", async () => {
  const source = Readable.from([Buffer.alloc(8), Buffer.alloc(4), Buffer.alloc(4)]);
  await expect(storeFile(source, options(11))).rejects.toBeInstanceOf(TooLargeError);
  expect(await readdir(folder)).toEqual([]);
  expect(source.destroyed).toBe(false);
});

test("a stream that breaks off leaves nothing behind", async () => {
  const source = new PassThrough();
  source.write("half");
  const storing = storeFile(source, options());
  await expect.poll(() => readdir(folder)).toEqual([expect.stringMatching(/\.txt\.part$/)]);
  source.destroy(new Error("gone"));
  await expect(storing).rejects.toThrow("gone");
  expect(await readdir(folder)).toEqual([]);
});
