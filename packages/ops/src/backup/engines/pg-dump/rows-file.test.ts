import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginFile, beginTable, copied, endFile, endTable, type RowsOf, readRows } from "./rows-file.ts";

type Table = RowsOf & { readonly text: string };

const ORDERS: Table = {
  schema: "public",
  name: "orders",
  columns: ["id", "note"],
  text: "1\t\\\\.\n2\t\\N\n",
};
const ODD: Table = { schema: 'a"b', name: "c.d, (e)", columns: ['say "hi"', "), x", "Größe"], text: "" };

function fileOf(tables: readonly Table[], encoding = "UTF8"): Buffer {
  const parts = tables.flatMap((table) => [beginTable(table), Buffer.from(table.text), endTable]);
  return Buffer.concat([beginFile(encoding), ...parts, endFile]);
}

/** Bytes in pieces, all lent in the same buffer. */
async function* lent(bytes: Buffer, size: number): AsyncGenerator<Uint8Array, void> {
  const buffer = Buffer.alloc(size);
  for (let from = 0; from < bytes.length; from += size) {
    const length = bytes.copy(buffer, 0, from, from + size);
    yield buffer.subarray(0, length);
    buffer.fill(0);
  }
}

async function read(bytes: Buffer, size = 64): Promise<(Table & { encoding: string })[]> {
  const tables: (Table & { encoding: string })[] = [];
  for await (const { rows, ...table } of readRows(lent(bytes, size))) {
    let text = "";
    for await (const piece of rows) text += Buffer.from(piece).toString("latin1");
    tables.push({ ...table, text });
  }
  return tables;
}

it("is a script of psql", () => {
  expect(fileOf([ORDERS]).toString()).toBe(
    `\\set ON_ERROR_STOP on
BEGIN;
SET LOCAL client_encoding = 'UTF8';

COPY "public"."orders" ("id", "note") FROM stdin;
1\t\\\\.
2\t\\N
\\.

COMMIT;
`,
  );
});

describe("readRows", () => {
  it.each([1, 2, 3, 5, 7, 64, 4096])("answers what was written, in pieces of %i bytes", async (size) => {
    const tables = [ORDERS, ODD, { ...ORDERS, name: "again" }];
    expect(await read(fileOf(tables, "LATIN1"), size)).toEqual(
      tables.map((table) => ({ ...table, encoding: "LATIN1" })),
    );
    expect(await read(fileOf([]), size)).toEqual([]);
  });

  it("finds the end of the rows wherever they are cut", async () => {
    const cell = fc.constantFrom("\\\\.", "\\N", ".", "x", "\\n", "\\.x", "");
    const text = fc.array(fc.array(cell, { maxLength: 3 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const lines = rows.map((cells) => `r${cells.join("\t")}\n`).join("");
        const [found] = await read(fileOf([{ ...ORDERS, text: lines }]), size);
        expect(found!.text).toBe(lines);
      }),
    );
  });

  it("refuses a file that is cut anywhere, or goes on", async () => {
    const whole = fileOf([ORDERS, ODD]);
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.subarray(0, length)), `${length}`).rejects.toMatchObject({
        code: "SK-DUMP-002",
      });
    }
    await expect(read(Buffer.concat([whole, Buffer.from("\n")]))).rejects.toThrow("goes on behind its end");
  });

  it.each([
    "COPY x FROM PROGRAM 'rm -rf /';",
    `COPY "a"."b" ("c") FROM PROGRAM 'x';`,
    `COPY "a"."b" ("c") FROM stdin; DROP TABLE d;`,
    `COPY "a"."b" () FROM stdin;`,
    `COPY "a"."b" ("c"); DROP TABLE d; --") FROM stdin;`,
    "DROP TABLE d;",
  ])("takes nothing but rows: %s", async (line) => {
    const file = fileOf([ORDERS])
      .toString()
      .replace(/COPY .*/, line);
    await expect(read(Buffer.from(file))).rejects.toMatchObject({ code: "SK-DUMP-002" });
  });

  it("takes an encoding for a name and nothing else", async () => {
    const file = fileOf([ORDERS]).toString().replace("'UTF8'", "'UTF8'; DROP TABLE d; --'");
    await expect(read(Buffer.from(file))).rejects.toThrow("does not tell its encoding");
  });

  it("closes what it reads from when it is left", async () => {
    let closed = false;
    const body = (async function* () {
      try {
        yield fileOf([ORDERS, ODD]);
      } finally {
        closed = true;
      }
    })();
    for await (const _ of readRows(body)) break;
    expect(closed).toBe(true);
  });
});

it("names what COPY copies, whatever it is called", () => {
  expect(copied(ODD)).toBe(`"a""b"."c.d, (e)" ("say ""hi""", "), x", "Größe")`);
});
