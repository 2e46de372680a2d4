import { availability, defineService, errors } from "@seakeep/contract";
import { describe, expect, test } from "vitest";
import { reply, serve } from "../../../../test/server.ts";
import type { Ops } from "../../../config/ops.ts";
import type { ScrapedSample } from "../samples.ts";
import { every } from "./every.ts";
import { readExposition } from "./exposition.ts";
import { scrape, targetsOf } from "./target.ts";

const target = { job: "courses-api", instance: "a" };

test("renames labels that say where a series is from, and drops empty ones", () => {
  expect(readExposition('x{job="mine",instance="b",empty="",a="1"} 3\n', target)).toEqual([
    { metric: "x", labels: { exported_job: "mine", exported_instance: "b", a: "1" }, value: 3 },
  ]);
});

test.each<[string, string, RegExp]>([
  [
    "too many series",
    Array.from({ length: 20_001 }, (_, index) => `x{a="${index}"} 1`).join("\n"),
    /20001 series/,
  ],
  ["a label that is too long", `x{a="${"y".repeat(1025)}"} 1`, /1024 characters/],
  [
    "too many labels",
    `x{${Array.from({ length: 33 }, (_, index) => `l${index}="1"`).join(",")}} 1`,
    /32 labels/,
  ],
  ["a line that is no sample", "x 1\n<html>", /line 2 is not a sample/],
])("refuses a whole scrape for %s", (_what, text, reason) => {
  expect(readExposition(text, target)).toMatch(reason);
});

describe("a scrape", () => {
  const service = defineService({
    name: "courses-api",
    owner: "learning",
    slos: [errors({ objective: 99 }), availability({ objective: 99, probe: "/healthz" })],
  });
  const run = async (url: URL) => {
    const ops = {
      service,
      url: url.href.replace(/\/$/, ""),
      metrics: { path: "/metrics" },
      prometheus: { targets: [url.host] },
    } as unknown as Ops;
    const edges = {
      fetch,
      token: "open-sesame-41",
      timeout: 2000,
      largest: 10_000,
      signal: new AbortController().signal,
      now: () => 0,
    };
    return Promise.all(targetsOf(ops).map((each) => scrape(each, edges)));
  };
  const value = (samples: readonly ScrapedSample[], metric: string) =>
    samples.find((sample) => sample.metric === metric)?.value;

  test("brings the token to the metrics alone, and both leave a trace", async () => {
    const tokens: Record<string, string | undefined> = {};
    const [metrics, probe] = await run(
      await serve((request, response) => {
        tokens[request.url!] = request.headers.authorization;
        reply(200, request.url === "/metrics" ? "x 1\n" : "ok")(request, response);
      }),
    );
    expect(tokens).toEqual({ "/metrics": "Bearer open-sesame-41", "/healthz": undefined });
    expect([value(metrics!.samples, "x"), value(metrics!.samples, "up")]).toEqual([1, 1]);
    expect(value(probe!.samples, "probe_success")).toBe(1);
  });

  test.each<[string, Parameters<typeof serve>[0]]>([
    ["is refused", reply(401, "")],
    ["is sent elsewhere", reply(302, "", { location: "http://127.0.0.1:1/" })],
    ["meets a web page that says 200", reply(200, "<html>", { "content-type": "text/html" })],
    ["is flooded", reply(200, "x".repeat(20_000))],
  ])("that %s is a gap", async (_what, handler) => {
    const [metrics] = await run(await serve(handler));
    expect(metrics!.samples.map(({ metric, value: is }) => [metric, is])).toEqual([
      ["up", 0],
      ["scrape_duration_seconds", 0],
    ]);
    expect(metrics!.problem).toMatch(/^(it|the) answer/);
  });

  test("of a service that is down fails its probe, which was made all the same", async () => {
    const [, probe] = await run(await serve((request) => request.socket.destroy()));
    expect([value(probe!.samples, "probe_success"), value(probe!.samples, "up")]).toEqual([0, 1]);
  });
});

test("a task that takes too long leaves out moments, and never makes up for them", async () => {
  const interruption = new AbortController();
  let clock = 0;
  const began: number[] = [];
  const task = async () => {
    began.push(clock);
    clock += began.length === 2 ? 25 : 1;
    if (began.length === 4) interruption.abort();
  };
  const sleep = async (ms: number) => {
    clock += ms;
  };
  await every(10, task, { now: () => clock, sleep }, interruption.signal);
  expect(began).toEqual([0, 10, 40, 50]);
});
