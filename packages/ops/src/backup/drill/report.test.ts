import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type MemoryStore, memoryStore } from "../../../test/backup/memory-store.ts";
import { StoreError } from "../stores/error.ts";
import { appendReport, readChain, readNewestReport } from "./chain.ts";
import { renderMarkdown } from "./markdown.ts";
import { judgeObjective } from "./objectives.ts";
import { type DrillReport, parseReport, renderReport } from "./report.ts";

const unbound: Omit<DrillReport, "number" | "previous"> = {
  ...{ format: 1, id: "b000001-20261123t063000z-7f3a", service: "shop", tool: "seakeep test" },
  startedAt: "2026-11-23T07:00:00.000Z",
  server: { kind: "scratch", version: 150018 },
  ...{ passed: true, validated: true, problems: [], tables: 1, rows: 3, expectations: [] },
  rto: { seconds: 72, declaredSeconds: 3600, verdict: "met" },
  rpo: { seconds: 60, verdict: "not declared" },
};

async function threeReports(): Promise<MemoryStore> {
  const store = memoryStore();
  for (let count = 0; count < 3; count++) await appendReport(store, "shop", unbound);
  return store;
}

const change = (store: MemoryStore, key: string, from: string, to: string) => {
  const object = store.objects.get(key)!;
  object.bytes = Buffer.from(object.bytes.toString().replace(from, to));
};

describe("judgeObjective", () => {
  it.each([
    [60, 60_000, "met"],
    [60.1, 60_000, "missed"],
    [60, undefined, "not declared"],
    [undefined, 60_000, "not measured"],
    [undefined, undefined, "not measured"],
  ] as const)("%s s against %s ms: %s", (seconds, declared, verdict) => {
    expect(judgeObjective(seconds, declared).verdict).toBe(verdict);
  });
});

describe("the chain", () => {
  it("numbers reports and binds each to the bytes of the one before", async () => {
    const store = await threeReports();
    expect(store.keys()).toEqual(
      [1, 2, 3].flatMap((n) => [`shop/drills/d00000${n}.json`, `shop/drills/d00000${n}.md`]),
    );
    const second = store.objects.get("shop/drills/d000002.json")!.bytes;
    const chain = await readChain(store, "shop");
    expect(chain).toMatchObject({ last: 3, problems: [] });
    expect(chain.newest?.previous).toBe(createHash("sha256").update(second).digest("hex"));
    expect(await readNewestReport(store, "shop")).toEqual(chain.newest);
  });

  it("tells of a report that was changed", async () => {
    const store = await threeReports();
    change(store, "shop/drills/d000002.json", '"rows": 3', '"rows": 4');
    expect((await readChain(store, "shop")).problems).toEqual([
      expect.stringMatching(/^d000003 does not carry/),
    ]);
  });

  it("tells of reports that are missing, in the middle and at the beginning", async () => {
    const store = await threeReports();
    store.objects.delete("shop/drills/d000002.json");
    expect((await readChain(store, "shop")).problems).toEqual(["d000002 is missing"]);
    store.objects.delete("shop/drills/d000001.json");
    expect((await readChain(store, "shop")).problems).toEqual(["d000001 to d000002 are missing"]);
  });

  it("tells of a report that is none, and goes on from it", async () => {
    const store = await threeReports();
    store.objects.get("shop/drills/d000003.json")!.bytes = Buffer.from("{}");
    const { report, chain } = await appendReport(store, "shop", unbound);
    expect(chain.problems).toEqual(["d000003 is no report"]);
    expect(report).toMatchObject({ number: 4, previous: createHash("sha256").update("{}").digest("hex") });
  });

  it("gives two drills that end at once a number each", async () => {
    const store = memoryStore();
    let other = false;
    store.fault = ({ op, key }) => {
      if (op !== "put" || !key.endsWith("d000001.json") || other) return;
      other = true;
      // Somebody was quicker between the look and the write.
      store.objects.set(key, {
        bytes: Buffer.from(renderReport({ ...unbound, number: 1, previous: null })),
        modified: store.time,
      });
      throw new StoreError("conflict", "It exists.");
    };
    expect((await appendReport(store, "shop", unbound)).report.number).toBe(2);
    expect((await readChain(store, "shop")).problems).toEqual([]);
  });
});

describe("parseReport", () => {
  const report: DrillReport = { ...unbound, number: 1, previous: null };

  it("reads what was written", () => {
    expect(parseReport(renderReport(report))).toEqual(report);
  });

  it.each([
    ["no JSON", "{"],
    ["another format", JSON.stringify({ ...report, format: 2 })],
    ["a time that is none", JSON.stringify({ ...report, startedAt: "soon" })],
    ["a verdict of somebody's own", JSON.stringify({ ...report, rto: { verdict: "great" } })],
  ])("takes %s for no report", (_, text) => expect(parseReport(text)).toBeUndefined());
});

describe("renderMarkdown", () => {
  it("says of a failed drill what failed, literally and on one line each", () => {
    const failed: DrillReport = {
      ...unbound,
      ...{ number: 7, previous: "a".repeat(64), passed: false, validated: false },
      problems: ["table has\n# other <b>rows</b>"],
      expectations: [{ name: "a | b", passed: false, problem: "it answered false" }],
      rto: { declaredSeconds: 3600, verdict: "not measured" },
    };
    const text = renderMarkdown(failed, ["d000003 is missing"]);
    expect(text).toContain("# Restore drill 7 of shop");
    expect(text).toContain("✗ failed");
    expect(text).toContain("- table has # other &lt;b>rows&lt;/b>\n");
    expect(text).toContain("a \\| b");
    expect(text).toContain("not measured");
    expect(text).toContain("- d000003 is missing");
    expect(text).not.toMatch(/✓ passed|met/);
  });

  it("says what became of the service, check by check", () => {
    const checks = [
      { name: "health", verdict: "passed" as const, reason: "It answered 200." },
      { name: "a | b", verdict: "unknown" as const, reason: "Nothing\nwas seen." },
    ];
    const boot = { passed: false, seconds: 1.5, problem: "it ended with 1 while it was checked", checks };
    const report = { ...unbound, number: 1, previous: null, boot };
    expect(parseReport(renderReport(report))).toEqual(report);
    const text = renderMarkdown(report, []);
    expect(text).toContain("✗ failed. Ready after 1 s 500 ms. it ended with 1 while it was checked.");
    expect(text).toContain("| a \\| b | ? unknown | Nothing was seen. |");
  });

  it("says what was measured against what is promised", () => {
    const text = renderMarkdown({ ...unbound, number: 1, previous: null }, []);
    expect(text).toContain("1 min 12 s of 1 h: met");
    expect(text).toContain("1 min: not declared");
    expect(text).not.toContain("broken");
  });
});
