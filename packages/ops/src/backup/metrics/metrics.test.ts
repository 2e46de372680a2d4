import { NAMES } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { createIn } from "../../../test/backup/create.ts";
import { memoryStore, unavailable } from "../../../test/backup/memory-store.ts";
import { parseAddress } from "../../system/listen.ts";
import { appendReport } from "../drill/chain.ts";
import type { DrillReport } from "../drill/report.ts";
import { writeProof } from "../proof.ts";
import { cached } from "./cached.ts";
import { exposition } from "./exposition.ts";
import { readFacts } from "./facts.ts";

const { signal } = new AbortController();
const { metrics } = NAMES;

const report: Omit<DrillReport, "number" | "previous"> = {
  format: 1,
  ...{ id: "b1", service: "shop", tool: "seakeep test", startedAt: "2026-11-23T07:00:00.000Z" },
  ...{ passed: true, validated: true, problems: [], tables: 1, rows: 3, expectations: [] },
  rto: { seconds: 12.5, verdict: "not declared" },
  rpo: { seconds: 60, verdict: "not declared" },
};

describe("exposition", () => {
  it("tells of a store what it holds, and when it was proven", async () => {
    const store = memoryStore();
    const manifest = await createIn(store);
    store.time = new Date("2026-11-23T07:30:00Z");
    await writeProof(store, "shop", manifest, { by: "drill", tool: "seakeep test", seconds: 12.5 });
    await appendReport(store, "shop", report);
    const text = exposition(await readFacts(store, "shop", "shop", signal));
    const bytes = [...store.objects].reduce(
      (sum, [key, object]) => sum + (key.startsWith("shop/backups/") ? object.bytes.length : 0),
      0,
    );
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(samples).toEqual([
      "backup_store_up 1",
      'backup_backups{service="shop",state="complete"} 0',
      'backup_backups{service="shop",state="proven"} 1',
      'backup_backups{service="shop",state="damaged"} 0',
      `backup_last_success_timestamp_seconds{service="shop"} ${Date.parse("2026-11-23T06:30:00Z") / 1000}`,
      `backup_last_snapshot_timestamp_seconds{service="shop"} ${Date.parse("2026-11-23T06:29:59Z") / 1000}`,
      `backup_last_proven_restore_timestamp_seconds{service="shop"} ${Date.parse("2026-11-23T07:30:00Z") / 1000}`,
      'backup_restore_duration_seconds{service="shop"} 12.5',
      'backup_duration_seconds{service="shop"} 0',
      `backup_size_bytes{service="shop"} ${bytes}`,
      'backup_rpo_actual_seconds{service="shop"} 3601',
      'backup_rto_actual_seconds{service="shop"} 12.5',
      `backup_last_drill_timestamp_seconds{service="shop"} ${Date.parse("2026-11-23T07:00:00Z") / 1000}`,
      'backup_last_drill_passed{service="shop"} 1',
    ]);
  });

  it("leaves out what is not known: an empty store has no last backup, and it is not the year 1970", async () => {
    const text = exposition(await readFacts(memoryStore(), "shop", "shop", signal));
    expect(text).toContain('backup_backups{service="shop",state="complete"} 0\n');
    for (const name of Object.values(metrics)) {
      if (name === metrics.backupStoreUp || name === metrics.backups) continue;
      expect(text).not.toContain(name);
    }
  });

  it("says of a store that cannot be read nothing but that", () => {
    expect(exposition(undefined)).toMatch(
      /^# HELP backup_store_up .+\n# TYPE backup_store_up gauge\nbackup_store_up 0\n$/,
    );
  });

  it("does not take a damaged backup for a success", async () => {
    const store = memoryStore();
    const { files } = await createIn(store);
    store.objects.delete(files[0]!.key);
    const text = exposition(await readFacts(store, undefined, undefined, signal));
    expect(text).toContain('backup_backups{service="shop",state="damaged"} 1\n');
    expect(text).not.toContain(metrics.backupLastSuccess);
  });

  it("takes the name of a service literally", async () => {
    const store = memoryStore();
    await createIn(store, { service: 'a "b"\\\nforged 1' });
    const text = exposition(await readFacts(store, undefined, undefined, signal));
    expect(text).toContain('{service="a \\"b\\"\\\\\\nforged 1",state="complete"} 1');
    expect(text).not.toMatch(/^forged/m);
  });
});

describe("readFacts", () => {
  it("fails when the store does: that is not an empty store", async () => {
    const store = memoryStore();
    store.fault = ({ op }) => {
      if (op === "list") throw unavailable();
    };
    await expect(readFacts(store, "shop", "shop", signal)).rejects.toMatchObject({ reason: "unavailable" });
  });
});

describe("cached", () => {
  it("reads once for all who ask at once, and again when the answer is old", async () => {
    let [time, reads] = [0, 0];
    const read = cached(
      async () => ++reads,
      60,
      () => time,
    );
    expect(await Promise.all([read(), read()])).toEqual([1, 1]);
    time = 59;
    expect(await read()).toBe(1);
    time = 60;
    expect(await read()).toBe(2);
  });

  it("keeps a failure as long, and no longer", async () => {
    let [time, reads] = [0, 0];
    const failOnce = async () => {
      if (++reads === 1) throw new Error("down");
      return reads;
    };
    const read = cached(failOnce, 60, () => time);
    await expect(read()).rejects.toThrow("down");
    await expect(read()).rejects.toThrow("down");
    time = 60;
    expect(await read()).toBe(2);
  });
});

describe("parseAddress", () => {
  it.each([
    ["127.0.0.1:9841", { host: "127.0.0.1", port: 9841 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    ["localhost:80", { host: "localhost", port: 80 }],
  ])("reads %s", (text, address) => expect(parseAddress(text)).toEqual(address));

  it.each(["9841", ":9841", "127.0.0.1", "127.0.0.1:65536", "http://127.0.0.1:1", "::1:9841", ""])(
    "refuses %j: where to listen must be said",
    (text) => expect(parseAddress(text)).toBeUndefined(),
  );
});
