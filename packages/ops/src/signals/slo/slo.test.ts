import { availability, defineService, errors, latency, type Service, saturation } from "@seakeep/contract";
import { describe, expect, test } from "vitest";
import type { Signals, Span } from "../signals.ts";
import { longestGap, questions, type SampleSource } from "../source.ts";
import { readBudget } from "./budget.ts";
import { countSlo } from "./count.ts";
import { peakBySlice, sliceSlo } from "./slices.ts";

const START = Date.UTC(2026, 4, 1);
const SCRAPES = 60;
const span: Span = { from: new Date(START), to: new Date(START + SCRAPES * 15_000) };

const service: Service = defineService({
  name: "courses-api",
  owner: "learning",
  slos: [
    availability({ objective: 99.9, probe: "/healthz" }),
    errors({ objective: 99 }),
    latency({ objective: 95, threshold: "1s" }),
    latency({ objective: 95, threshold: "5s", routes: ["POST /upload"] }),
    saturation({ inFlight: 20, eventLoopDelay: "200ms" }),
  ],
});
const [probes, failures, slow, uploads, full] = service.slos;

type Row = readonly [
  metric: string,
  labels: Record<string, string>,
  value: (scrape: number) => number | undefined,
];

/** A service that is scraped every fifteen seconds. */
function world(...series: readonly Row[]): Signals {
  const all: readonly Row[] = [["up", {}, () => 1], ...series];
  const source: SampleSource = {
    async *pieces({ metric, labels = {} }, { from, to }) {
      for (const [name, own, value] of all) {
        const series: Record<string, string> = { job: "courses-api", instance: "a", ...own };
        const fits = Object.entries(labels).every(([key, wanted]) =>
          [wanted].flat().includes(series[key] ?? ""),
        );
        if (name !== metric || !fits) continue;
        const points = Array.from(
          { length: SCRAPES },
          (_, scrape) => [START + scrape * 15_000, value(scrape)] as const,
        ).filter(([time, seen]) => seen !== undefined && time >= from.getTime() && time < to.getTime());
        yield {
          labels: series,
          times: points.map(([time]) => time),
          values: points.map(([, seen]) => seen!),
        };
      }
    },
  };
  return {
    kind: "world",
    ...questions(source, longestGap(15_000)),
    firing: async () => undefined,
    close: async () => {},
  };
}

const route = (method: string, path: string, status = "200") => ({
  method,
  path_template: path,
  status_code: status,
});
const requests: Row = ["http_requests_total", route("GET", "/courses"), (scrape) => 10 * scrape];
const count = (signals: Signals, slo = failures!) => countSlo({ signals, service, span }, slo);

describe("errors", () => {
  test("are none where there is traffic and no counter of them", async () => {
    expect(await count(world(requests))).toEqual({ bad: 0, total: 590, coverage: 1 });
  });

  test("count from the first one", async () => {
    const late: Row = [
      "http_server_errors_total",
      route("GET", "/courses", "500"),
      (scrape) => (scrape < 40 ? undefined : 3),
    ];
    expect(await count(world(requests, late))).toEqual({ bad: 3, total: 590, coverage: 1 });
  });

  test("of nobody are zero of zero, and of nothing seen are unknown", async () => {
    const idle: Row = ["http_requests_total", route("GET", "/courses"), () => 7];
    expect(await count(world(idle))).toEqual({ bad: 0, total: 0, coverage: 1 });
    expect(await count(world())).toBeUndefined();
  });
});

describe("latency", () => {
  const duration = (path: string, edge: string, good: number): Row[] => [
    ["http_request_duration_seconds_count", route("POST", path), (scrape) => 10 * scrape],
    ["http_request_duration_seconds_bucket", { ...route("POST", path), le: edge }, (scrape) => good * scrape],
  ];

  test("counts what is not in the bucket of its threshold, however that is spelled, on its own routes", async () => {
    const signals = world(...duration("/courses", "1.0", 9), ...duration("/upload", "5", 4));
    expect(await count(signals, slow)).toEqual({ bad: 59, total: 590, coverage: 1 });
    expect(await count(signals, uploads)).toEqual({ bad: 354, total: 590, coverage: 1 });
  });

  test("without that bucket is unknown, not all slow", async () => {
    expect(await count(world(...duration("/courses", "2", 9)), slow)).toBeUndefined();
  });
});

test("availability counts probes of its own path", async () => {
  const probe: Row = [
    "probe_success",
    { job: "courses-api-probe", probe: "/healthz" },
    (scrape) => (scrape % 10 === 0 ? 0 : 1),
  ];
  const other: Row = ["probe_success", { job: "courses-api-probe", instance: "b", probe: "/other" }, () => 0];
  expect(await count(world(probe, other), probes)).toEqual({ bad: 6, total: 60, coverage: 1 });
});

describe("saturation", () => {
  const inFlight: Row = ["http_requests_in_flight", {}, (scrape) => (scrape < 6 ? 21 : 20)];
  const delay: Row = [
    "nodejs_eventloop_delay_p99_seconds",
    {},
    (scrape) => (scrape > 2 && scrape < 9 ? 0.3 : 0.1),
  ];

  test("is one bad sample where both limits are exceeded at once", async () => {
    expect(await count(world(inFlight, delay), full)).toEqual({ bad: 9, total: 60, coverage: 1 });
  });

  test("cannot be told by one of two gauges, unless that is exceeded", async () => {
    expect(await count(world(inFlight), full)).toEqual({ bad: 6, total: 6, coverage: 0 });
    expect(await count(world(["http_requests_in_flight", {}, () => 3]), full)).toBeUndefined();
  });
});

test("slices add up to the whole", async () => {
  const bad: Row = [
    "http_server_errors_total",
    route("GET", "/courses", "500"),
    (scrape) => (scrape < 30 ? undefined : scrape - 29),
  ];
  const signals = world(requests, bad);
  const slices = (await sliceSlo({ signals, service, span, slices: 6 }, failures!))!;
  expect(slices.map((slice) => slice.bad)).toEqual([0, 0, 0, 10, 10, 10]);
  expect(slices.map((slice) => slice.total)).toEqual([90, 100, 100, 100, 100, 100]);
  expect(await sliceSlo({ signals: world(), service, span, slices: 6 }, failures!)).toBeUndefined();
});

test("peaks are the largest of all processes, and nothing where nothing was seen", async () => {
  const gauge = (instance: string, value: (scrape: number) => number | undefined): Row => [
    "x",
    { instance },
    value,
  ];
  const signals = world(
    gauge("a", (scrape) => (scrape < 30 ? scrape : undefined)),
    gauge("b", (scrape) => (scrape < 30 ? 5 : undefined)),
  );
  expect(await peakBySlice({ metric: "x" }, { signals, span, slices: 4 })).toEqual([
    14,
    29,
    Number.NaN,
    Number.NaN,
  ]);
});

test("a budget is spent by what was measured, and pages when both windows burn", async () => {
  const half: Row = ["http_server_errors_total", route("GET", "/courses", "500"), (scrape) => 5 * scrape];
  const state = await readBudget({ signals: world(requests, half), service }, failures!, span.to);
  expect(state.count).toMatchObject({ bad: 295, total: 590 });
  const measured = (SCRAPES * 15_000) / service.window;
  expect(state.spent).toBeGreaterThan(50 * measured * 0.9);
  expect(state.spent).toBeLessThan(50 * measured * 1.1);
  expect(state.burns.map(({ exceeded }) => exceeded)).toEqual([true, true]);
  const nothing = await readBudget({ signals: world(), service }, failures!, span.to);
  expect([nothing.spent, nothing.burns.map(({ exceeded }) => exceeded)]).toEqual([
    undefined,
    [undefined, undefined],
  ]);
});
