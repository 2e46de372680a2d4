import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { collect } from "../../test/backup/fake-engine.ts";
import { readFile } from "./archive/read.ts";
import { type BackupEntry, readCatalog } from "./catalog.ts";
import { openFsStore } from "./stores/fs/store.ts";
import type { Store } from "./stores/store.ts";
import { verify } from "./verify.ts";

/** A backup as Seakeep wrote it when manifests had format 1. */
const FIXTURE = fileURLToPath(new URL("../../test/backup/format-1", import.meta.url));

let [folder, store] = ["", undefined as unknown as Store];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "seakeep-format-"));
  cpSync(FIXTURE, folder, { recursive: true });
  store = await openFsStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const only = async (): Promise<BackupEntry> => (await readCatalog(store)).backups[0]!;

it("is listed, verified and read", async () => {
  const entry = await only();
  expect(entry).toMatchObject({ state: "complete", manifest: { format: 1, tool: "seakeep 0.1.0" } });
  expect(await verify(store, entry, { tool: "test" })).toMatchObject({ ok: true });
  const [archive] = entry.manifest!.files;
  const plain = await collect(readFile(store, archive!, { sealed: false, identities: [] }));
  expect(plain.toString()).toBe("written by Seakeep before format 2\n".repeat(40));
});

it("is damaged by any one byte", async () => {
  const { manifest } = await only();
  const [archive] = manifest!.files;
  const path = join(folder, archive!.key);
  const sound = readFileSync(path);
  for (let at = 0; at < sound.length; at++) {
    const bytes = Buffer.from(sound);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
    expect(await verify(store, await only(), { tool: "test" }), `byte ${at}`).toMatchObject({ ok: false });
  }
});
