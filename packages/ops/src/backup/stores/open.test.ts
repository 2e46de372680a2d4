import { expect, test } from "vitest";
import { fs } from "./fs/index.ts";
import { openStore } from "./open.ts";
import { type S3Options, s3 } from "./s3/index.ts";

const problemsOf = (declaration: ReturnType<typeof s3>) => {
  const problems: string[] = [];
  const settings = declaration.resolve({
    text: (value) => (typeof value === "string" ? value : `from-${value.name.toLowerCase()}`),
    problem: (key, got, wanted) => void problems.push(`${key}: ${got}, ${wanted}`),
  });
  return { problems, url: settings?.url };
};

test.each([
  ["backups", "names no store"],
  ["ftp://host/backups", "names no store"],
  ["file://host/backups", "store.path"],
  ["file:///a?b=c", "store.path"],
  ["file:///a%2Fb", "store.path"],
  ["s3://", "store.bucket"],
  ["s3://b/../x//y", "store.bucket"],
  ["s3://bucket/a//b", "store.prefix"],
  ["s3://bucket?region=EU%20west", "store.region"],
  ["s3://bucket?endpoint=ftp://x", "store.endpoint"],
  ["s3://bucket?tags=yes", "store.tags"],
  ["s3://bucket?forcePathStyle=1", "store.forcePathStyle"],
  ["s3://bucket?objectLock=FOREVER:1", "store.objectLock"],
  ["s3://bucket?objectLock=GOVERNANCE:0", "store.objectLock"],
  ["s3://bucket?sse=rot13", "store.sse"],
  ["s3://bucket?sse=AES256&kmsKeyId=alias/a", "store.sse"],
  ["s3://bucket?class=STANDARD", "store.class"],
])("%s is refused with what is wrong", async (url, named) => {
  await expect(openStore(url)).rejects.toMatchObject({
    code: "SK-STORE-001",
    message: expect.stringContaining(named),
  });
});

test.each([
  "s3://AKIAEXAMPLE:hunter2@bucket/prefix",
  "s3://bucket?secretAccessKey=hunter2",
  "s3://bucket?endpoint=https://me:hunter2@host",
  "nonsense://me:hunter2@host",
  "me:hunter2@host",
  "//me:hunter2@host",
])("no secret of %s is repeated", async (url) => {
  const error = await openStore(url).catch((failure: unknown) => failure as Error);
  expect(error).toMatchObject({ code: "SK-STORE-001" });
  expect(String((error as Error).stack)).not.toContain("hunter2");
});

test("a declaration reads the environment, and its URL tells bucket and prefix", () => {
  const options = { bucket: { kind: "env", name: "BUCKET" }, prefix: "/prod/courses/" } as const;
  expect(problemsOf(s3(options))).toEqual({ problems: [], url: "s3://from-bucket/prod/courses" });
  expect(problemsOf(fs("/backups/")).url).toBe("file:///backups");
  expect(problemsOf(fs("backups")).problems).toEqual(["path: backups, an absolute path"]);
});

test("every problem of a declaration is told at once, and unknown options by name only", () => {
  const options = { bucket: "b", region: "?", secretAccessKey: "hunter2" } as unknown as S3Options;
  const { problems, url } = problemsOf(s3(options));
  expect(problems.map((problem) => problem.split(":")[0])).toEqual(["secretAccessKey", "bucket", "region"]);
  expect(problems.join()).not.toContain("hunter2");
  expect(url).toBeUndefined();
});
