import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import { createIn } from "../../test/backup/create.ts";
import { CONNECTION, collect, fakeEngine, noise } from "../../test/backup/fake-engine.ts";
import { type MemoryStore, memoryStore, unavailable } from "../../test/backup/memory-store.ts";
import { readFile } from "./archive/read.ts";
import { parseIdentities } from "./archive/seal/keys.ts";
import { readCatalog } from "./catalog.ts";
import { verify } from "./verify.ts";

const HOUR = 3_600_000;
const identities = parseIdentities(
  generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
);

/** Everything that is listed must be whole and hold what was dumped. */
async function truth(store: MemoryStore): Promise<number> {
  store.fault = () => {};
  const { backups } = await readCatalog(store);
  for (const entry of backups) {
    expect(entry.problems).toEqual([]);
    expect(await verify(store, entry, { tool: "test" })).toEqual({ id: entry.id, ok: true, problems: [] });
    const [archive] = entry.manifest!.files;
    const bytes = await collect(readFile(store, archive!, { sealed: false, identities: [] }));
    expect(bytes.equals(noise(5000))).toBe(true);
  }
  return backups.length;
}

describe("create", () => {
  it("writes the manifest last, and leaves no lock", async () => {
    const store = memoryStore();
    const manifest = await createIn(store, { keep: { daily: 7 }, declaration: "abc", jobs: 1 });
    expect(manifest).toMatchObject({
      ...{
        format: 2,
        id: "b000001-20261123t063000z-0202",
        sequence: 1,
        service: "shop",
        tool: "seakeep test",
      },
      ...{
        declaration: "abc",
        engine: "fake",
        snapshotAt: "2026-11-23T06:29:59.000Z",
        retention: { keep: { daily: 7 } },
      },
    });
    const writes = store.calls.filter(({ op }) => op === "stored").map(({ key }) => key);
    const folder = `shop/backups/${manifest.id}`;
    expect(writes).toEqual([
      "shop/lock.json",
      ...["archive.dump", "globals.sql", "manifest.json"].map((name) => `${folder}/${name}`),
    ]);
    expect(store.keys()).not.toContain("shop/lock.json");
    expect(await truth(store)).toBe(1);
  });

  it("counts on from what is there, unfinished ones included", async () => {
    const store = memoryStore();
    await createIn(store);
    store.objects.set("shop/backups/b000041-20261123t063000z-7f3a/archive.dump", {
      bytes: Buffer.alloc(1),
      modified: store.time,
    });
    expect((await createIn(store)).sequence).toBe(42);
  });

  it("warns when the backups of one service are of two servers", async () => {
    const store = memoryStore();
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    await createIn(store, { onWarning });
    await createIn(store, { onWarning });
    expect(warnings).toEqual([]);
    await createIn(store, { onWarning, engine: fakeEngine({ system: "8" }) });
    expect(warnings.join()).toContain("b000002-20261123t063000z-0202 was of another database server");
  });

  it("seals to recipients", async () => {
    const store = memoryStore();
    const manifest = await createIn(store, { recipients: identities.map(({ recipient }) => recipient) });
    expect(manifest.encryption).toEqual({
      scheme: "seakeep-seal-1",
      recipients: [identities[0]!.recipient.fingerprint],
    });
    const [archive] = manifest.files;
    expect((await collect(readFile(store, archive!, { sealed: true, identities }))).equals(noise(5000))).toBe(
      true,
    );
  });

  it("tells how far it is", async () => {
    const seen: number[] = [];
    await createIn(memoryStore(), { onProgress: ({ plain }) => seen.push(plain) });
    expect(seen.at(-1)).toBe(5017);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test.each([
    ["the dump dies half-way", { fails: { after: 2000, error: new Error("pg_dump died") } }, "pg_dump died"],
    [
      "the dump dies before its first byte",
      { fails: { after: 0, error: new Error("pg_dump died") } },
      "pg_dump died",
    ],
    ["the dump ends badly behind its last byte", { endsBadly: new Error("exit 1") }, "exit 1"],
  ])("leaves nothing when %s", async (_name, dump, message) => {
    const store = memoryStore();
    const engine = fakeEngine(dump);
    await expect(createIn(store, { engine })).rejects.toThrow(message);
    expect(store.keys()).toEqual([]);
    expect(engine.closed).toBeGreaterThan(0);
  });

  it("leaves nothing when it is interrupted", async () => {
    const store = memoryStore();
    const stop = new AbortController();
    const engine = fakeEngine();
    const creating = createIn(store, {
      ...{ engine, signal: stop.signal },
      onProgress: ({ plain }) => plain > 3000 && stop.abort(),
    });
    await expect(creating).rejects.toMatchObject({ name: "AbortError" });
    expect(store.keys()).toEqual([]);
    expect(engine.closed).toBeGreaterThan(0);
  });

  it("does not publish once another run has taken its lock", async () => {
    const store = memoryStore();
    store.fault = ({ op, key }) => {
      if (op === "stored" && key.endsWith("globals.sql")) {
        store.objects.set("shop/lock.json", {
          bytes: Buffer.from('{"token":"other"}'),
          modified: store.time,
        });
      }
    };
    await expect(createIn(store)).rejects.toMatchObject({ code: "SK-BACKUP-005" });
    expect(store.keys()).toEqual(["shop/lock.json"]);
  });

  it("does not publish what the store lost", async () => {
    const store = memoryStore();
    store.fault = ({ op, key }) => {
      if (op === "head" && key.endsWith("archive.dump")) store.objects.delete(key);
    };
    await expect(createIn(store)).rejects.toThrow(/nothing of the \d+ bytes/);
    expect(await truth(store)).toBe(0);
  });

  it("shows no secret, wherever it fails", async () => {
    const store = memoryStore();
    const engine = fakeEngine({ endsBadly: new Error("exit 1") });
    const error = (await createIn(store, { engine }).catch((caught: unknown) => caught)) as Error;
    expect(`${error.stack}${JSON.stringify(CONNECTION)}`).not.toContain("hunter2");
  });
});

describe("whatever single call of the store fails", () => {
  const calls = 40;
  test.each(Array.from({ length: calls }, (_, index) => index + 1))(
    "call %i: what is listed is whole",
    async (number) => {
      const store = memoryStore();
      store.fault = (call) => {
        if (call.number === number) throw unavailable();
      };
      const outcome = await createIn(store).then(
        () => "created",
        (error: { reason?: string }) => error.reason,
      );
      expect(["created", "unavailable"]).toContain(outcome);
      const listed = await truth(store);
      expect(listed).toBe(outcome === "created" ? 1 : 0);
    },
  );

  it("and when all fail from some call on, as when the process is killed", async () => {
    const counted = memoryStore();
    await createIn(counted);
    expect(counted.calls.length).toBeLessThan(calls);
    for (let number = 1; number <= counted.calls.length; number++) {
      const store = memoryStore();
      store.fault = (call) => {
        if (call.number >= number) throw unavailable();
      };
      const created = await createIn(store).then(
        () => true,
        () => false,
      );
      const listed = await truth(store);
      // An acknowledgement that never came leaves a whole backup that nobody was told of: no lie.
      if (created) expect(listed).toBe(1);
      else expect(listed).toBeLessThanOrEqual(1);
      // The next run is not held up by what is left, and a day later removes it.
      store.time = new Date(store.time.getTime() + 25 * HOUR);
      await createIn(store);
      expect(await truth(store)).toBe(listed + 1);
      expect((await readCatalog(store)).leftovers).toEqual([]);
    }
  });
});

describe("what interrupted runs left behind", () => {
  const left = "shop/backups/b000001-20261123t063000z-7f3a/archive.dump";

  it("is none of a backup, and stays for a day", async () => {
    const store = memoryStore();
    store.objects.set(left, { bytes: Buffer.alloc(10), modified: store.time });
    store.time = new Date(store.time.getTime() + 23 * HOUR);
    await createIn(store);
    expect(store.keys()).toContain(left);
    store.time = new Date(store.time.getTime() + 2 * HOUR);
    await createIn(store);
    expect(store.keys()).not.toContain(left);
  });

  it("is kept when its manifest turns up after all", async () => {
    const store = memoryStore();
    store.objects.set(left, { bytes: Buffer.alloc(10), modified: store.time });
    store.time = new Date(store.time.getTime() + 25 * HOUR);
    store.fault = ({ op }) => {
      const manifest = left.replace("archive.dump", "manifest.json");
      if (op === "sweep") store.objects.set(manifest, { bytes: Buffer.from("{}"), modified: store.time });
    };
    await createIn(store);
    expect(store.keys()).toContain(left);
  });

  it("does not stand in the way when it cannot be removed", async () => {
    const store = memoryStore();
    const warnings: string[] = [];
    store.fault = ({ op }) => {
      if (op === "sweep") throw unavailable();
    };
    await createIn(store, { onWarning: (text) => warnings.push(text) });
    expect(warnings.join()).toContain("was not removed");
    expect(await truth(store)).toBe(1);
  });
});
