import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { collect, streamOf } from "../../../test/backup/fake-engine.ts";
import { Damage } from "../archive/damage.ts";
import { type ArchiveContents, ArchiveReader } from "../engines/pg-dump/archive/archive-reader.ts";
import { uncompressed } from "./uncompressed.ts";

const int = (value: number) => {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
};
const text = (value?: string) =>
  value === undefined ? int(-1) : Buffer.concat([int(value.length), Buffer.from(value)]);
/** Known to be at a place that is no longer right once the rows have other lengths. */
const PLACE = Buffer.from([2, 1, 2, 3, 4, 5, 6, 7, 8]);

function entry(id: number, kind: string, name: string, minor: number): Buffer {
  const words = ["0", "0", name, kind].map(text);
  const after = [text(""), text(""), text("COPY t FROM stdin;\n"), text("public"), text(), text()];
  const relation = minor >= 16 ? [int(0)] : [];
  return Buffer.concat([
    ...[int(id), int(1), ...words, int(3), ...after, ...relation],
    ...[text("amy"), text("false"), text(), PLACE],
  ]);
}

type Pack = (plain: Buffer) => Buffer;

/** As pg_dump writes it: chunks of some bytes each. */
function stream(plain: Buffer, pack: Pack): Buffer[] {
  const packed = pack(plain);
  const chunks: Buffer[] = [];
  for (let from = 0; from < packed.length; from += 40) {
    const chunk = packed.subarray(from, from + 40);
    chunks.push(int(chunk.length), chunk);
  }
  return [...chunks, int(0)];
}

const ROWS = Buffer.from(`${Array.from({ length: 200 }, (_, row) => `${row}\tx\n`).join("")}\\.\n\n\n`);

function archive(minor: number, compression: Buffer, pack: Pack): Buffer {
  const entries = [entry(1, "TABLE DATA", "t", minor), entry(2, "BLOBS", "BLOBS", minor)];
  return Buffer.concat([
    ...[Buffer.from("PGDMP"), Buffer.from([1, minor, 0, 4, 8, 1]), compression],
    ...[
      ...Array.from({ length: 7 }, () => int(1)),
      text("shop"),
      text("15.1"),
      text("15.1"),
      int(2),
      ...entries,
    ],
    ...[Buffer.from([1]), int(1), ...stream(ROWS, pack)],
    ...[Buffer.from([3]), int(2), int(77), ...stream(Buffer.from("a large object"), pack)],
    ...[int(78), int(0), int(0)],
  ]);
}

const plainOf = (minor: number) => archive(minor, minor < 15 ? int(0) : Buffer.from([0]), (bytes) => bytes);
const gzipped = (minor: number) => archive(minor, minor < 15 ? int(-1) : Buffer.from([1]), deflateSync);

const { signal } = new AbortController();
const unpacked = async (bytes: Buffer, piece = 1000) =>
  collect((await uncompressed(streamOf(bytes, piece), signal)).body);

function contentsOf(bytes: Buffer): ArchiveContents {
  const reader = new ArchiveReader();
  reader.push(bytes);
  return reader.finish();
}

describe.each([14, 15, 16])("an archive of version 1.%i", (minor) => {
  it("passes as it is when it is not compressed", async () => {
    expect(await unpacked(plainOf(minor))).toEqual(plainOf(minor));
  });

  it.each([1, 7, 64, 100_000])(
    "holds the same when it was compressed, in pieces of %i bytes",
    async (piece) => {
      const plain = await unpacked(gzipped(minor), piece);
      expect(contentsOf(plain)).toEqual(contentsOf(plainOf(minor)));
      expect(contentsOf(plain)).toMatchObject({
        tables: [{ rows: 200 }],
        largeObjects: { count: 2, bytes: 14 },
      });
      // A place that is wrong would send pg_restore astray.
      expect(plain.includes(PLACE)).toBe(false);
    },
  );
});

describe("damage", () => {
  const whole = gzipped(14);

  it("is found wherever the file is cut", async () => {
    const found = await Promise.all(
      Array.from({ length: Math.floor((whole.length - 16) / 5) }, async (_, index) => {
        try {
          return contentsOf(await unpacked(whole.subarray(0, 16 + 5 * index)));
        } catch (error) {
          return error instanceof Damage || (error as { code?: string }).code === "SK-DUMP-002";
        }
      }),
    );
    expect(found.filter((answer) => answer !== true)).toEqual([]);
  });

  it("is found in rows: gzip has a checksum", async () => {
    const at = whole.lastIndexOf(deflateSync(ROWS).subarray(0, 20)) + 15;
    const changed = Buffer.from(whole);
    changed[at]! ^= 1;
    await expect(unpacked(changed)).rejects.toThrow(Damage);
  });

  it("is found behind the end of a compressed stream", async () => {
    const longer = archive(14, int(6), (bytes) => Buffer.concat([deflateSync(bytes), Buffer.alloc(100)]));
    await expect(unpacked(longer)).rejects.toThrow(/goes on behind its end/);
  });
});

it.each([
  ["nothing", Buffer.alloc(0), /empty/],
  ["SQL", Buffer.from("--\n-- PostgreSQL database dump\n--\n"), /SQL/],
  ["an encrypted file", Buffer.from("SKSEAL1\nand so on"), /encrypted/],
  ["zstd", Buffer.from("28b52ffd00", "hex"), /zstd/],
  ["gzip", Buffer.from("1f8b0800", "hex"), /gzip/],
  ["something", Buffer.from("MZ and more"), /does not begin/],
  ["one byte", Buffer.from("P"), /does not begin/],
  ["a later version", archive(17, Buffer.from([0]), (bytes) => bytes), /1\.17/],
  ["lz4", archive(15, Buffer.from([2]), (bytes) => bytes), /lz4/],
])("refuses %s, and says what it is", async (_name, bytes, says) => {
  await expect(unpacked(bytes)).rejects.toMatchObject({
    code: "SK-RESTORE-017",
    what: expect.stringMatching(says),
  });
});
