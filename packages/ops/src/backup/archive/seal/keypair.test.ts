import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeKeyPair, writePrivateKey } from "./keypair.ts";
import { parseIdentities, parseRecipient } from "./keys.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "seakeep-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("makes two halves of one pair, and another pair each time", () => {
  const pair = makeKeyPair();
  const [identity] = parseIdentities(pair.privateKey());
  expect(identity!.recipient.fingerprint).toBe(pair.fingerprint);
  expect(parseRecipient(pair.recipient).raw).toEqual(identity!.recipient.raw);
  expect(makeKeyPair().recipient).not.toBe(pair.recipient);
  expect(JSON.stringify(pair)).not.toContain("PRIVATE");
});

it("writes the private half where only its owner can read it", async () => {
  const path = join(folder, "identity.pem");
  const pair = makeKeyPair();
  await writePrivateKey(path, pair);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).toBe(pair.privateKey());
});

it("overwrites nothing, not by a link either, and says where it could not write", async () => {
  const [there, link] = [join(folder, "there.pem"), join(folder, "link.pem")];
  await writeFile(there, "the only copy");
  await symlink(join(folder, "elsewhere.pem"), link);
  for (const path of [there, link, join(folder, "missing/identity.pem")]) {
    await expect(writePrivateKey(path, makeKeyPair())).rejects.toMatchObject({ code: "SK-BACKUP-016" });
  }
  expect(await readFile(there, "utf8")).toBe("the only copy");
  expect((await readdir(folder)).sort()).toEqual(["link.pem", "there.pem"]);
});
