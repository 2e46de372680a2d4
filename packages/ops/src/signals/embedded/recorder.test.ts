import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DamagedBytes } from "./codec/bytes.ts";
import { packChunk, unpackChunk } from "./codec/chunk.ts";
import { packTimes, unpackTimes } from "./codec/times.ts";
import { packValues, unpackValues } from "./codec/values.ts";
import { openEmbedded } from "./open.ts";
import { SCRAPES_PER_BLOCK } from "./pack.ts";
import { openRecorder, type Recorder } from "./recorder.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seakeep-recorder-"));
  path = join(folder, "signals.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const START = Date.UTC(2026, 4, 1);
const target = { job: "courses-api", instance: "a" };
const open = (retention = 30 * 86_400_000): Recorder =>
  openRecorder({ path, retention, now: new Date(START) });
const count = (value: number) => [{ metric: "http_requests_total", labels: { path_template: "/" }, value }];
const fill = (recorder: Recorder, scrapes: number, from = 0): void => {
  for (let index = from; index < from + scrapes; index++) {
    recorder.record(target, START + index * 15_000, count(index));
  }
};
const edges = { fetch, secret: async () => undefined, now: Date.now, scrapeInterval: 15_000 };
const grown = async (from = START - 1, to = START + 86_400_000): Promise<readonly number[]> => {
  const signals = await openEmbedded(path, edges);
  const span = { from: new Date(from), to: new Date(to) };
  return (await signals.increase({ metric: "http_requests_total" }, span)).map(({ value }) => value);
};

describe("packed", () => {
  const number = fc.oneof(fc.double(), fc.integer(), fc.nat(5), fc.constant(0), fc.constant(-0));

  test("values come back bit by bit, and nothing else is taken for them", () => {
    fc.assert(
      fc.property(fc.array(number, { maxLength: 60 }), (values) => {
        const packed = packValues(values);
        expect([...unpackValues(packed)]).toEqual(values);
        expect(() => unpackValues(packed.subarray(0, -1))).toThrow(DamagedBytes);
      }),
    );
    expect(() => unpackValues(Buffer.of(1, 255, 255, 255, 255, 127))).toThrow(DamagedBytes);
    expect(() => unpackChunk(Buffer.of(9), new Float64Array(1))).toThrow(DamagedBytes);
  });

  test("any bytes are values or damage, and nothing hangs", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          unpackValues(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedBytes);
        }
      }),
    );
  });

  test("samples come back with their times, where they were", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(number, { nil: undefined }), { minLength: 1, maxLength: 40 }),
        (samples) => {
          const times = samples.map((_sample, index) => START + index * 15_000 + (index % 3));
          const { times: own, values } = unpackChunk(packChunk(samples), unpackTimes(packTimes(times)));
          expect([...own]).toEqual(times.filter((_time, index) => samples[index] !== undefined));
          expect([...values]).toEqual(samples.filter((sample) => sample !== undefined));
        },
      ),
    );
  });

  test("a counter takes little more than a byte a sample, a constant nothing", () => {
    const counter = Array.from({ length: 240 }, (_, index) => 1_000_000 + 7 * index + (index % 5));
    expect(packValues(counter).length).toBeLessThan(260);
    expect(packValues(new Array(240).fill(0.25)).length).toBeLessThan(16);
  });
});

describe("a recorder", () => {
  test("is the only one, until it is closed", () => {
    const first = open();
    expect(() => open()).toThrow(/SK-SIGNALS-011/);
    first.close();
    first.close();
    open().close();
  });

  test("can be read while it writes", async () => {
    const recorder = open();
    fill(recorder, SCRAPES_PER_BLOCK + 10);
    expect(await grown()).toEqual([SCRAPES_PER_BLOCK + 9]);
    fill(recorder, 10, SCRAPES_PER_BLOCK + 10);
    expect(await grown()).toEqual([SCRAPES_PER_BLOCK + 19]);
    recorder.close();
  });

  test("leaves out what a clock that went back would put before what is there", async () => {
    const recorder = open();
    fill(recorder, 5);
    expect(recorder.record(target, START + 30_000, count(99)).stored).toBe(false);
    recorder.close();
    const again = open();
    expect(again.record(target, START + 60_000, count(99)).stored).toBe(false);
    expect(again.record(target, START + 75_000, count(5)).stored).toBe(true);
    again.close();
    expect(await grown()).toEqual([5]);
  });

  test("forgets what is older than the retention, a few blocks at a time", async () => {
    const recorder = open(3_600_000);
    fill(recorder, 4 * SCRAPES_PER_BLOCK);
    recorder.close();
    expect(await grown(START, START + 1_800_000)).toEqual([]);
    expect(await grown(START + 3 * 3_600_000)).toEqual([SCRAPES_PER_BLOCK - 1]);
  });

  test("moves a damaged file aside, keeps it, and tells", async () => {
    const recorder = open();
    fill(recorder, 3);
    recorder.close();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4096, 20_480);
    writeFileSync(path, bytes);
    await expect(grown()).rejects.toMatchObject({ code: "SK-SIGNALS-009" });
    const fresh = open();
    expect(fresh.setAside).toBe(`${path}.damaged-2026-05-01T00-00-00-000Z`);
    expect(readFileSync(fresh.setAside!).equals(bytes)).toBe(true);
    fill(fresh, 3);
    fresh.close();
    expect(await grown()).toEqual([2]);
  });

  test("takes what is no database at all for damage", () => {
    writeFileSync(path, "not a database ".repeat(1000));
    const recorder = open();
    expect(existsSync(recorder.setAside!)).toBe(true);
    recorder.close();
  });

  test("leaves another program's database alone", async () => {
    const recorder = open();
    recorder.close();
    const bytes = readFileSync(path);
    // The application id, at offset 68 of the header.
    bytes.writeUInt32BE(0x12345678, 68);
    writeFileSync(path, bytes);
    const copy = join(folder, "copy");
    copyFileSync(path, copy);
    expect(() => open()).toThrow(/SK-SIGNALS-010/);
    await expect(grown()).rejects.toMatchObject({ code: "SK-SIGNALS-010" });
    expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
  });

  test("says that there is no folder, and a reader that there is no file", async () => {
    expect(() => openRecorder({ path: join(folder, "no/such.db"), retention: 1, now: new Date() })).toThrow(
      /SK-SIGNALS-013/,
    );
    await expect(openEmbedded(path, edges)).rejects.toMatchObject({ code: "SK-SIGNALS-008" });
  });
});
