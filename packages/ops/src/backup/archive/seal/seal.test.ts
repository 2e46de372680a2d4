import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import { collect, noise, streamOf } from "../../../../test/backup/fake-engine.ts";
import { Damage } from "../damage.ts";
import { CHUNK_BYTES, MAGIC, TAG_BYTES } from "./format.ts";
import { type Identity, parseIdentities, parseRecipient } from "./keys.ts";
import { seal } from "./seal.ts";
import { unseal } from "./unseal.ts";

function identity(): { identity: Identity; pem: string } {
  const pem = generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { identity: parseIdentities(pem)[0]!, pem };
}

const [alice, bob, eve] = [identity(), identity(), identity()];
const sealed = (bytes: Buffer) =>
  collect(seal(streamOf(bytes, 100_000), [alice.identity.recipient, bob.identity.recipient]));
const open = (bytes: Buffer, by = alice) => collect(unseal(streamOf(bytes, 77_777), [by.identity]));

test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])(
  "%i bytes come back, to each recipient",
  async (size) => {
    const bytes = noise(size);
    const file = await sealed(bytes);
    expect((await open(file)).equals(bytes)).toBe(true);
    expect((await open(file, bob)).equals(bytes)).toBe(true);
  },
);

it("is never the same twice, and shows nothing of what is inside", async () => {
  const bytes = Buffer.alloc(2000, "secret");
  const [one, two] = [await sealed(bytes), await sealed(bytes)];
  expect(one.equals(two)).toBe(false);
  expect(one.includes("secret")).toBe(false);
});

it("opens to nobody else, and says whose key it wants", async () => {
  const error = await open(await sealed(noise(10)), eve).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "SK-BACKUP-012",
    why: expect.stringContaining(bob.identity.recipient.fingerprint),
  });
});

it("lets go of what it reads when nobody here can open it", async () => {
  const file = await sealed(noise(3 * CHUNK_BYTES));
  let released = false;
  const body = (async function* () {
    try {
      yield* streamOf(file, 1000);
    } finally {
      released = true;
    }
  })();
  await expect(collect(unseal(body, [eve.identity]))).rejects.toMatchObject({ code: "SK-BACKUP-012" });
  expect(released).toBe(true);
});

describe("what was tampered with", () => {
  const size = CHUNK_BYTES + TAG_BYTES;
  const parts = async () => {
    const file = await sealed(noise(3 * CHUNK_BYTES));
    const head = MAGIC.length + 4 + file.readUInt32BE(MAGIC.length);
    const chunks = [0, 1, 2].map((index) => file.subarray(head + index * size, head + (index + 1) * size));
    return { head: file.subarray(0, head), chunks };
  };
  type Chunks = readonly Buffer[];
  test.each([
    ["lacks its last chunk", (chunks: Chunks) => chunks.slice(0, 2)],
    ["lacks its first chunk", (chunks: Chunks) => chunks.slice(1)],
    ["has two chunks exchanged", ([a, b, c]: Chunks) => [b!, a!, c!]],
    ["has a chunk twice", ([a, b, c]: Chunks) => [a!, b!, b!, c!]],
    ["goes on behind its end", (chunks: Chunks) => [...chunks, Buffer.alloc(1)]],
    ["goes on with a chunk of its own", (chunks: Chunks) => [...chunks, chunks[2]!]],
    ["is cut within a chunk", ([a, b, c]: Chunks) => [a!, b!, c!.subarray(0, 100)]],
    ["is cut within a tag", ([a, b, c]: Chunks) => [a!, b!, c!.subarray(0, 10)]],
    ["ends behind its header", () => []],
  ])("is found: a file that %s", async (_name, change: (chunks: Chunks) => Chunks) => {
    const { head, chunks } = await parts();
    await expect(open(Buffer.concat([head, ...change(chunks)]))).rejects.toThrow(Damage);
  });

  it("does not mix with another file of the same recipients", async () => {
    const [one, other] = [await parts(), await parts()];
    const mixed = Buffer.concat([one.head, one.chunks[0]!, other.chunks[1]!, one.chunks[2]!]);
    await expect(open(mixed)).rejects.toThrow(Damage);
  });

  test.each([
    ["no magic", Buffer.from("PGDMP and so on, at some length")],
    ["nothing", Buffer.alloc(0)],
    [
      "a header longer than any",
      Buffer.concat([MAGIC, Buffer.from([255, 255, 255, 255]), Buffer.alloc(100)]),
    ],
    ["a header that is not JSON", Buffer.concat([MAGIC, Buffer.from([0, 0, 0, 2]), Buffer.from("{x")])],
    ["a header of other things", Buffer.concat([MAGIC, Buffer.from([0, 0, 0, 2]), Buffer.from("[]")])],
    [
      "chunks of no size",
      Buffer.concat([MAGIC, Buffer.from([0, 0, 0, 32]), Buffer.from('{"chunkBytes":0,"recipients":[]}')]),
    ],
  ])("is refused: %s", async (_name, bytes) => {
    await expect(open(bytes)).rejects.toThrow(Damage);
  });
});

describe("keys", () => {
  it("are read as PEM and as the one line of it", () => {
    const pem = generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" }).toString();
    const line = pem.split("\n")[1]!;
    expect(parseRecipient(pem).raw.equals(parseRecipient(line).raw)).toBe(true);
    expect(parseRecipient(line).raw).toHaveLength(32);
  });

  it("may be several in a file, with remarks between them", () => {
    const text = `# mine\n${alice.pem}\n# the old one\n${bob.pem}`;
    expect(parseIdentities(text).map(({ recipient }) => recipient.fingerprint)).toEqual([
      alice.identity.recipient.fingerprint,
      bob.identity.recipient.fingerprint,
    ]);
  });

  test.each([
    alice.pem,
    "nonsense",
    "",
    generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString(),
  ])("that are not public X25519 keys are refused, unseen", (text) => {
    const refused = expect.objectContaining({ code: "SK-BACKUP-011" });
    expect(() => parseRecipient(text)).toThrow(refused);
    expect(() => parseRecipient(text)).not.toThrow(new RegExp(alice.pem.split("\n")[1]!.slice(0, 20)));
  });

  test.each([
    "",
    "nonsense",
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  ])("that are not private X25519 keys are refused", (text) => {
    expect(() => parseIdentities(text)).toThrow(expect.objectContaining({ code: "SK-BACKUP-013" }));
  });
});
