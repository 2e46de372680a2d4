import { createHash } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import { type ArchiveContents, ArchiveReader } from "./archive-reader.ts";

/** A small writer of archives, after pg_backup_archiver.c and pg_backup_custom.c. */
interface Entry {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly schema?: string;
  readonly owner?: string;
  readonly definition?: string;
  readonly hasData?: boolean;
}

const byte = (value: number) => Buffer.from([value]);

function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

const text = (value: string | undefined, encoding: BufferEncoding = "utf8"): Buffer => {
  if (value === undefined) return int(-1);
  const bytes = Buffer.from(value, encoding);
  return Buffer.concat([int(bytes.length), bytes]);
};

function header(minor: number): Buffer {
  const compression = minor < 15 ? int(0) : byte(0);
  const created = [1, 2, 3, 4, 5, 126, 0].map(int);
  const fixed = Buffer.from([1, minor, 0, 4, 8, 1]);
  const texts = [text("app"), text("17.2"), text("17.4")];
  return Buffer.concat([Buffer.from("PGDMP"), fixed, compression, ...created, ...texts]);
}

function table(minor: number, entries: readonly Entry[], encoding?: BufferEncoding): Buffer {
  const rows = entries.map(({ id, kind, name, schema, owner, definition, hasData }) =>
    Buffer.concat([
      ...[
        int(id),
        int(hasData ? 1 : 0),
        text("1259"),
        text("16400"),
        text(name, encoding),
        text(kind),
        int(2),
      ],
      ...[
        text(definition),
        text(""),
        text("COPY t FROM stdin;\n"),
        text(schema),
        text(undefined),
        text("heap"),
      ],
      ...[minor >= 16 ? int(114) : Buffer.alloc(0), text(owner), text("false"), text("12"), text(undefined)],
      Buffer.alloc(9),
    ]),
  );
  return Buffer.concat([int(entries.length), ...rows]);
}

const chunks = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat([...parts.flatMap((part) => [int(Buffer.byteLength(part)), Buffer.from(part)]), int(0)]);

const END = "\\.\n\n\n";
const tableData = (id: number, ...rows: (string | Buffer)[]): Buffer =>
  Buffer.concat([byte(1), int(id), chunks(...rows, END)]);

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

const ENTRIES: readonly Entry[] = [
  { id: 1, kind: "ENCODING", name: "ENCODING" },
  { id: 2, kind: "TABLE", name: "b", schema: "public", owner: "zoe" },
  { id: 3, kind: "TABLE DATA", name: "b", schema: "public", owner: "zoe", hasData: true },
  { id: 4, kind: "TABLE DATA", name: 'ä "b', schema: "Ü", owner: "amy", hasData: true },
  {
    id: 5,
    kind: "SEQUENCE SET",
    name: "s",
    schema: "public",
    definition: "SELECT pg_catalog.setval('public.s', 42, true);\n",
  },
  { id: 6, kind: "BLOBS", name: "BLOBS", hasData: true },
  { id: 7, kind: "EXTENSION", name: "hstore" },
  { id: 8, kind: "TABLE DATA", name: "empty", schema: "public", hasData: true },
];

const LARGE = "x".repeat(300_000);
const OBJECTS = Buffer.concat([
  ...[byte(3), int(6), int(16_412), chunks(Buffer.from([0, 255]), "more")],
  // An OID over 2^31 is written as a negative number; an object may be empty.
  ...[int(4_000_000_000 - 2 ** 32), chunks(), int(0)],
]);

function archive(minor: number): Buffer {
  return Buffer.concat([
    ...[header(minor), table(minor, ENTRIES)],
    tableData(3, "1\ta\\nb\n", "2\t\\N\n", `3\t${LARGE}\n`),
    ...[tableData(4, "x\n"), OBJECTS, tableData(8)],
  ]);
}

function read(bytes: Buffer, size = bytes.length): ArchiveContents {
  const reader = new ArchiveReader();
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return reader.finish();
}

const small = (minor = 14): Buffer =>
  Buffer.concat([
    ...[
      header(minor),
      table(minor, ENTRIES),
      tableData(3, "1\n", "2\n"),
      tableData(4, "x\n"),
      OBJECTS,
      tableData(8),
    ],
  ]);

describe("ArchiveReader", () => {
  test.each([14, 15, 16])("counts and hashes what an archive of format 1.%i holds", (minor) => {
    const rows = `1\ta\\nb\n2\t\\N\n3\t${LARGE}\n`;
    const digest = (oid: number, bytes: Buffer) => {
      const identity = Buffer.alloc(4);
      identity.writeUInt32BE(oid);
      return BigInt(`0x${sha256(Buffer.concat([identity, bytes]))}`);
    };
    const first = digest(16_412, Buffer.from([0, 255, ...Buffer.from("more")]));
    const sum = (first + digest(4_000_000_000, Buffer.alloc(0))) % 2n ** 256n;
    expect(read(archive(minor))).toEqual({
      header: { database: "app", server: "17.2", program: "17.4" },
      tables: [
        { schema: "public", name: "b", rows: 3, bytes: rows.length, sha256: sha256(rows) },
        { schema: "public", name: "empty", rows: 0, bytes: 0, sha256: sha256("") },
        { schema: "Ü", name: 'ä "b', rows: 1, bytes: 2, sha256: sha256("x\n") },
      ],
      sequences: [{ schema: "public", name: "s", value: "42", called: true }],
      largeObjects: { count: 2, bytes: 6, sha256: sum.toString(16).padStart(64, "0") },
      objects: [
        { kind: "EXTENSION", count: 1 },
        { kind: "TABLE", count: 1 },
      ],
      extensions: ["hstore"],
      owners: ["amy", "zoe"],
    });
  });

  it("finds the same in pieces of whatever size", () => {
    const whole = read(small());
    for (let size = 1; size <= 64; size++) expect(read(small(), size)).toEqual(whole);
    for (const size of [4_096, 65_536, 65_537, 300_001]) {
      expect(read(archive(16), size)).toEqual(read(archive(16)));
    }
  });

  it("finds the same however the rows are cut into chunks", () => {
    const of = (...rows: string[]) =>
      read(Buffer.concat([header(14), table(14, [ENTRIES[2]!]), tableData(3, ...rows)])).tables;
    const [joined] = of("1\n2\n33\n");
    expect(joined).toMatchObject({ rows: 3, sha256: sha256("1\n2\n33\n") });
    expect(of("1\n", "2\n", "33\n")).toEqual([joined]);
    expect(of("1", "\n2", "\n", "3", "3", "\n")).toEqual([joined]);
  });

  it("knows that an archive which ends anywhere before its end is not whole", () => {
    const whole = small();
    expect(read(whole).tables).toHaveLength(3);
    for (let length = 0; length < whole.length; length++) {
      expect(() => read(whole.subarray(0, length)), `${length} bytes`).toThrow("SK-DUMP-002");
    }
  });

  it("refuses what comes after the end, twice, or unannounced", () => {
    expect(() => read(Buffer.concat([small(), byte(1)]))).toThrow("SK-DUMP-002");
    expect(() => read(Buffer.concat([small(), tableData(3, "1\n")]))).toThrow("unknown object 3");
    expect(() => read(Buffer.concat([small(), tableData(99, "1\n")]))).toThrow("unknown object 99");
    const swapped = Buffer.concat([header(14), table(14, ENTRIES), byte(3), int(3)]);
    expect(() => read(swapped)).toThrow("a block of type 3 for TABLE DATA");
  });

  it("never takes a damaged byte for another content of the same hash", () => {
    const whole = small();
    const sound = JSON.stringify(read(whole));
    // The table of contents has bytes that no content stands on; the data has none.
    const start = header(14).length + table(14, ENTRIES).length;
    for (let at = start; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x01;
      let found = "refused";
      try {
        found = JSON.stringify(read(damaged));
      } catch (error) {
        expect((error as Error).message).toContain("SK-DUMP-002");
      }
      expect(found, `byte ${at}`).not.toBe(sound);
    }
  });

  test.each([
    ["other bytes", Buffer.from("-- PostgreSQL database dump\n"), "does not begin as one"],
    ["a newer format", Buffer.from("PGDMP\u0001\u0011\u0000"), "1.17"],
    ["odd numbers", Buffer.from("PGDMP\u0001\u000e\u0000\u0008\u0008\u0001"), "odd sizes"],
    ["the tar format", Buffer.from("PGDMP\u0001\u000e\u0000\u0004\u0008\u0003"), "custom format"],
    [
      "its own compression",
      Buffer.concat([Buffer.from("PGDMP\u0001\u000e\u0000\u0004\u0008\u0001"), int(-1)]),
      "compressed it by itself",
    ],
    ["a huge table", Buffer.concat([header(14), int(2 ** 31 - 1)]), "2147483647 entries"],
    [
      "a huge text",
      Buffer.concat([header(14), int(1), int(1), int(0), int(2 ** 31 - 1)]),
      "2147483647 bytes",
    ],
    [
      "a huge chunk",
      Buffer.concat([
        header(14),
        table(14, [ENTRIES[2]!]),
        byte(1),
        int(3),
        Buffer.from([0, 255, 255, 255, 255]),
      ]),
      "impossible length",
    ],
    [
      "rows without an end mark",
      Buffer.concat([header(14), table(14, [ENTRIES[2]!]), byte(1), int(3), chunks("1\n2\n3\n")]),
      "no end mark",
    ],
    [
      "a sequence without a value",
      Buffer.concat([header(14), table(14, [{ ...ENTRIES[4]!, definition: "SELECT 1;" }])]),
      "public.s",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow("SK-DUMP-002");
  });

  it("keeps names apart that are not in UTF-8", () => {
    const entries = ["\u00e4", "\u00f6"].map((name, id) => ({ ...ENTRIES[2]!, id: id + 1, name }));
    const bytes = Buffer.concat([header(14), table(14, entries, "latin1"), tableData(1), tableData(2)]);
    expect(read(bytes).tables.map(({ name }) => name)).toEqual(["\u00e4", "\u00f6"]);
  });

  it("tells when the table of contents is known", () => {
    const entries: string[] = [];
    const reader = new ArchiveReader(({ kind }) => entries.push(kind));
    reader.push(header(14));
    expect([reader.indexed, reader.header?.program]).toEqual([false, "17.4"]);
    reader.push(table(14, ENTRIES));
    expect([reader.indexed, entries.length]).toEqual([true, ENTRIES.length]);
  });
});
