import { describe, expect, it } from "vitest";
import type { CheckReport } from "../../checks/report.ts";
import type { Reading, SampledSeries, Signals, Span } from "../../signals/signals.ts";
import { opsOf } from "../gates/cases.testkit.ts";
import { nextLook } from "./looks.ts";
import { verifyText } from "./text.ts";
import { type ReleaseVerify, type VerifyOptions, verifyRelease } from "./verify.ts";
import { parseLabels, parseSince, type WindowOptions, windows } from "./windows.ts";

const SINCE = new Date("2026-11-23T10:00:00Z");
const MINUTE = 60_000;
const { signal } = new AbortController();

/** Requests a second, and the share of them that fail, before the deploy and after it. */
interface Load {
  readonly rate: number;
  readonly bad: readonly [before: number, after: number];
}

/** Every counter grows evenly; what is bad of them changes with the deploy. */
function steady({ rate, bad }: Load): Signals {
  const at = (time: number, share: (after: boolean) => number) =>
    Math.round(
      rate *
        ((Math.min(time, SINCE.getTime()) / 1000) * share(false) +
          (Math.max(0, time - SINCE.getTime()) / 1000) * share(true)),
    );
  const series = ({
    metric,
    labels = {},
  }: {
    metric: string;
    labels?: object;
  }): ((time: number) => number) | undefined => {
    if (metric === "http_requests_total" || metric.endsWith("_count")) return (time) => at(time, () => 1);
    if (metric === "http_server_errors_total") return (time) => at(time, (after) => bad[after ? 1 : 0]);
    if (metric.endsWith("_bucket") && "le" in labels) return (time) => at(time, () => 0.99);
    return metric === "up" ? () => 1 : undefined;
  };
  const LABELS = { job: "shop", instance: "a:1", method: "GET", path_template: "/", status_code: "200" };
  const read = (grow: (time: number) => number, { from, to }: Span): Reading => ({
    labels: LABELS,
    value: grow(to.getTime()) - grow(from.getTime()),
    coverage: 1,
  });
  const one = (selector: Parameters<Signals["increase"]>[0], span: Span) => {
    const grow = series(selector);
    return grow === undefined ? [] : [read(grow, span)];
  };
  return {
    kind: "fake",
    increase: async (selector, span) => one(selector, span),
    maximum: async () => [],
    latest: async () => [],
    samples: async (selector, { from, to }): Promise<SampledSeries[]> => {
      const grow = series(selector);
      if (grow === undefined) return [];
      const times: number[] = [];
      for (let time = from.getTime(); time < to.getTime(); time += 15_000) times.push(time);
      return [{ labels: LABELS, times, values: times.map(grow) }];
    },
    coverage: async (selector) => (series(selector) === undefined ? 0 : 1),
    firing: async () => [],
    close: async () => {},
  };
}

const checks = (verdict: CheckReport["verdict"], ...names: string[]): CheckReport => ({
  ...{ ok: verdict === "passed", verdict, url: "https://shop.example.org/", startedAt: "", durationMs: 1 },
  checks: names.map((name) => ({
    ...{
      name,
      kind: name,
      verdict,
      reason: `${name} says so.`,
      findings: [],
      notes: [],
      durationMs: 1,
      attempts: [],
    },
  })),
});

interface Given extends Partial<VerifyOptions> {
  readonly load?: Load;
  readonly report?: CheckReport;
  readonly blind?: boolean;
}

async function verify({ load = { rate: 50, bad: [0.001, 0.001] }, report, blind, ...more }: Given = {}) {
  let time = SINCE.getTime() + MINUTE;
  let slept = 0;
  const clock = {
    date: () => new Date(time),
    now: () => time,
    sleep: async (ms: number) => {
      slept += 1;
      time += ms;
    },
  };
  const options: VerifyOptions = {
    ...{ version: "v2", forMs: 30 * MINUTE, everyMs: MINUTE, signal, tool: "seakeep test" },
    windows: { since: SINCE, baseline: 60 * MINUTE, first: false },
    ...{ look: { index: 1, planned: 1 }, by: { name: "ada", from: "user" } },
    ...more,
  };
  const signals = blind ? undefined : steady(load);
  const check = async () => report ?? checks("passed", "health", "version");
  const result: ReleaseVerify = await verifyRelease({ ops: opsOf(), signals, check, clock }, options);
  return { result, slept, seconds: (time - SINCE.getTime()) / 1000 };
}

describe("verifying a release", () => {
  it("keeps one that is as good as the one before", async () => {
    const { result } = await verify();
    expect(
      result.verdict,
      verifyText(result, (_colour, text) => text),
    ).toBe("passed");
    expect(result.items[0]).toMatchObject({ name: "checks", verdict: "passed" });
    expect(result.look).toEqual({ index: 1, planned: 1 });
    expect(verifyText(result, (_colour, text) => text)).toContain("✓ Keep it.");
  });

  it("does not keep one that fails more", async () => {
    const { result } = await verify({ load: { rate: 50, bad: [0.001, 0.08] } });
    expect(result.verdict).toBe("failed");
    expect(result.items.find(({ name }) => name === "errors")?.verdict).toBe("failed");
  });

  it("waits until there is enough, and cannot tell when there never is", async () => {
    const soon = await verify({ load: { rate: 5, bad: [0.001, 0.001] } });
    expect(soon.slept).toBeGreaterThan(0);
    expect(soon.result.verdict).toBe("passed");
    const never = await verify({ load: { rate: 0.02, bad: [0, 0] }, forMs: 5 * MINUTE });
    expect(never.result.verdict).toBe("unknown");
    expect(never.seconds).toBe(360);
  });

  it("does not look at what failed its checks, and spends no look on it", async () => {
    const { result } = await verify({ report: checks("failed", "health"), load: { rate: 0, bad: [0, 0] } });
    expect(result).toMatchObject({ verdict: "failed", reason: "health: health says so." });
    expect(result.look).toBeUndefined();
  });

  it("knows no more than its checks and its signals do", async () => {
    expect((await verify({ report: checks("unknown", "health") })).result.verdict).toBe("unknown");
    expect((await verify({ report: checks("unknown") })).result.verdict).toBe("unknown");
    expect((await verify({ blind: true })).result).toMatchObject({
      verdict: "unknown",
      items: [{ name: "checks" }, { name: "comparison" }],
    });
  });

  it("spends no look where nothing was there to be tested", async () => {
    const { result } = await verify({ load: { rate: 0, bad: [0, 0] }, forMs: MINUTE });
    expect(result).toMatchObject({ verdict: "unknown", reason: "Too little is known of errors, latency." });
    expect(result.look).toBeUndefined();
  });

  it("passes nothing once every planned look is taken", async () => {
    expect((await verify({ look: { index: 2, planned: 1 } })).result.verdict).toBe("unknown");
  });
});

describe("the next look", () => {
  const taken = (version: string, look?: object, kind = "release verify") => ({
    document: { version, evidence: { kind, look } },
  });

  it("counts those of this version that were taken, and keeps to the first plan", () => {
    const links = [
      taken("v1", { index: 1, planned: 5 }),
      taken("v2", undefined),
      taken("v2", { index: 1, planned: 2 }),
      taken("v2", { index: 1, planned: 9 }, "release check"),
      taken("v2", { index: 2, planned: 2 }),
    ] as unknown as Parameters<typeof nextLook>[0]["links"];
    expect(nextLook({ links }, "v2", 7)).toEqual({ index: 3, planned: 2 });
    expect(nextLook({ links }, "v3", 7)).toEqual({ index: 1, planned: 7 });
  });
});

describe("windows", () => {
  const base: WindowOptions = { since: SINCE, baseline: MINUTE, first: false };
  const now = new Date(SINCE.getTime() + 5 * MINUTE);

  it("are before and after, side by side, or after alone", () => {
    expect(windows(base, now)).toEqual({
      old: { span: { from: new Date(SINCE.getTime() - MINUTE), to: SINCE } },
      new: { span: { from: SINCE, to: now } },
    });
    const canary = { new: { instance: ["b"] }, old: { instance: ["a"] } };
    const both = windows({ ...base, canary }, now);
    expect(both.old?.span).toEqual(both.new.span);
    expect(both.old?.labels).toEqual({ instance: ["a"] });
    expect(windows({ ...base, first: true }, now).old).toBeUndefined();
  });

  it("begin at a moment that has been", () => {
    expect(parseSince("5m", now)).toEqual(SINCE);
    expect(parseSince("2026-11-23T11:00:00+01:00", now)).toEqual(SINCE);
    for (const bad of ["", "soon", "2026-11-23", "2026-11-23T10:00:00", "2026-11-23T10:06:00Z", "1"]) {
      expect(() => parseSince(bad, now), bad).toThrow(/SK-RELEASE-007/);
    }
  });

  it("take labels by name and value", () => {
    expect(parseLabels(["instance=a:1", "instance=b=2", "zone=x"], "--label")).toEqual({
      instance: ["a:1", "b=2"],
      zone: ["x"],
    });
    for (const bad of ["", "=x", "a", "a=", "1a=x"])
      expect(() => parseLabels([bad], "--label")).toThrow(/SK-RELEASE-009/);
  });
});
