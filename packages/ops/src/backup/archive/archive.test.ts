import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import { collect, noise, streamOf } from "../../../test/backup/fake-engine.ts";
import { type MemoryStore, memoryStore, unavailable } from "../../../test/backup/memory-store.ts";
import type { StoredFile } from "../manifest.ts";
import { bestCompression, compressionNamed } from "./compression.ts";
import { Damage } from "./damage.ts";
import { PartHasher } from "./hashes.ts";
import { readFile } from "./read.ts";
import { type Identity, parseIdentities, type Recipient } from "./seal/keys.ts";
import { findDamage } from "./stored.ts";
import { writeFile } from "./write.ts";

const KEY = "shop/backups/x/archive.dump";
const identities = parseIdentities(
  generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
);
const recipients = identities.map(({ recipient }) => recipient);

async function write(
  body: AsyncIterable<Uint8Array>,
  to: readonly Recipient[] = [],
  compression = compressionNamed("gzip"),
  pieceBytes?: number,
) {
  const store = memoryStore();
  const { signal } = new AbortController();
  const how = { compression, recipients: to, tags: {}, signal, ...(pieceBytes && { pieceBytes }) };
  const options = { name: "archive.dump", key: KEY, body, ...how };
  return { store, file: await writeFile(store, { ...options, onBytes: () => {} }) };
}

function read(store: MemoryStore, file: StoredFile, identity: readonly Identity[] = []): Promise<Buffer> {
  return collect(readFile(store, file, { sealed: identity.length > 0, identities: identity }));
}

describe.each([
  ["the best compression here", bestCompression()],
  ["gzip", compressionNamed("gzip")],
])("%s", (_name, compression) => {
  test.each([0, 1, 5000, 1_000_003])("gives %i bytes back, open and sealed", async (size) => {
    const bytes = noise(size);
    for (const identity of [[], identities]) {
      const { store, file } = await write(
        streamOf(bytes),
        identity.map(({ recipient }) => recipient),
        compression,
      );
      expect(file).toMatchObject({ plainBytes: size, compression: compression.name });
      expect(await findDamage(store, file)).toEqual([]);
      expect((await read(store, file, identity)).equals(bytes)).toBe(true);
    }
  });

  it("passes a failure of the body on, and stores nothing", async () => {
    const failing = (async function* () {
      yield noise(200_000);
      throw new Error("pg_dump died");
    })();
    await expect(write(failing, [], compression)).rejects.toThrow("pg_dump died");
  });
});

describe("damage of any one byte", () => {
  test.each([
    ["open", [] as readonly Identity[]],
    ["sealed", identities],
  ])("is found, by verify and by reading: %s", async (_name, identity) => {
    const { store, file } = await write(
      streamOf(noise(300)),
      identity.map(({ recipient }) => recipient),
    );
    const sound = store.objects.get(KEY)!;
    for (let position = 0; position < sound.bytes.length; position++) {
      const bytes = Buffer.from(sound.bytes);
      bytes[position]! ^= 1 << (position % 8);
      store.objects.set(KEY, { ...sound, bytes });
      expect(await findDamage(store, file), `byte ${position}`).toHaveLength(1);
      await expect(read(store, file, identity), `byte ${position}`).rejects.toThrow(Damage);
    }
  });

  it("is found where it is", async () => {
    const store = memoryStore();
    const bytes = noise(1000);
    const hasher = new PartHasher(100);
    hasher.update(bytes);
    const file = { name: "a", key: KEY, partBytes: 100, ...hasher.finish() } as unknown as StoredFile;
    const damaged = Buffer.from(bytes);
    damaged[250]! ^= 1;
    damaged[999]! ^= 1;
    store.objects.set(KEY, { bytes: damaged, modified: store.time });
    expect(await findDamage(store, file)).toEqual([
      "a: bytes 200 to 299 are not what was stored.",
      "a: bytes 900 to 999 are not what was stored.",
    ]);
  });
});

describe("an object", () => {
  test.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, -1), /has \d+ bytes, and \d+ were stored/],
    ["cut to nothing", () => Buffer.alloc(0), /has 0 bytes/],
    ["with a byte more", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]), /bytes/],
  ])("%s is damaged", async (_name, change, told) => {
    const { store, file } = await write(streamOf(noise(3000)), recipients);
    const sound = store.objects.get(KEY)!;
    store.objects.set(KEY, { ...sound, bytes: change(sound.bytes) });
    expect((await findDamage(store, file)).join()).toMatch(told);
    await expect(read(store, file, identities)).rejects.toThrow(Damage);
  });

  it("that is gone is damaged, and a store that is gone is no verdict", async () => {
    const { store, file } = await write(streamOf(noise(3000)));
    store.fault = () => {
      throw unavailable();
    };
    await expect(findDamage(store, file)).rejects.toMatchObject({ reason: "unavailable" });
    await expect(read(store, file)).rejects.toMatchObject({ reason: "unavailable" });
    store.fault = () => {};
    store.objects.clear();
    expect(await findDamage(store, file)).toEqual(["archive.dump: it is no longer in the store."]);
  });
});

describe("a file in several objects", () => {
  const bytes = noise(3000);
  const inPieces = () => write(streamOf(bytes), recipients, compressionNamed("gzip"), 1000);

  it("is read as one", async () => {
    const { store, file } = await inPieces();
    expect(store.keys()).toEqual([KEY, `${KEY}.2`, `${KEY}.3`, `${KEY}.4`]);
    expect(file.pieces).toEqual([1000, 1000, 1000, file.bytes - 3000]);
    expect(await findDamage(store, file)).toEqual([]);
    expect((await read(store, file, identities)).equals(bytes)).toBe(true);
  });

  test.each([
    ["a byte of the last", (store: MemoryStore) => store.objects.get(`${KEY}.4`)!.bytes.fill(0, 7, 8)],
    ["one that is gone", (store: MemoryStore) => store.objects.delete(`${KEY}.3`)],
    ["two that changed places", (store: MemoryStore) => exchange(store, `${KEY}.2`, `${KEY}.3`)],
    ["one twice", (store: MemoryStore) => store.objects.set(`${KEY}.2`, store.objects.get(KEY)!)],
  ])("is damaged by %s", async (_name, harm) => {
    const { store, file } = await inPieces();
    harm(store);
    expect(await findDamage(store, file)).toHaveLength(1);
    await expect(read(store, file, identities)).rejects.toThrow(Damage);
  });

  function exchange({ objects }: MemoryStore, a: string, b: string): void {
    const [first, second] = [objects.get(a)!, objects.get(b)!];
    objects.set(a, second);
    objects.set(b, first);
  }
});

it("fails when what comes out is not what went in, though every stored byte is as it was", async () => {
  const { store, file } = await write(streamOf(noise(3000)));
  const { bytes } = store.objects.get(KEY)!;
  // The check value of the content: what a compressor that erred would have written.
  bytes[bytes.length - 6]! ^= 1;
  const hasher = new PartHasher(file.partBytes);
  hasher.update(bytes);
  await expect(read(store, { ...file, ...hasher.finish() })).rejects.toThrow("incorrect data check");
});

it("never unfolds to more than was dumped", async () => {
  const { store, file } = await write(streamOf(Buffer.alloc(5_000_000)));
  const stream = readFile(store, { ...file, plainBytes: 1000 }, { sealed: false, identities: [] });
  let bytes = 0;
  await expect(
    (async () => {
      for await (const chunk of stream) bytes += chunk.length;
    })(),
  ).rejects.toThrow(Damage);
  expect(bytes).toBeLessThanOrEqual(1000);
});

it("ends the program that compresses when it is interrupted", async () => {
  const stop = new AbortController();
  const endless = (async function* () {
    for (;;) {
      yield noise(10_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  setTimeout(() => stop.abort(new Error("interrupted")), 50);
  await expect(collect(bestCompression().compress(endless, stop.signal))).rejects.toThrow("interrupted");
});
