import { defineService, errors } from "@seakeep/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createMetrics, type Metrics, type MetricsSettings } from "./index.ts";

const service = defineService({
  name: "courses-api",
  owner: "learning",
  slos: [errors({ objective: 99 })],
  routes: ["GET /courses/:id"],
});

function metricsOf(settings: MetricsSettings = {}): Metrics {
  return createMetrics(service, { eventLoopDelay: false, ...settings });
}

function sample(metrics: Metrics, name: string): number {
  const page = [...metrics.exposition("text")].join("");
  const line = page.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) throw new Error(`${name} is not on the page`);
  return Number(line.slice(name.length));
}

const lines = (metrics: Metrics) => [...metrics.exposition("text")].join("").split("\n").length;

describe("requests in flight", () => {
  it("go up and down, and never below zero", () => {
    const metrics = metricsOf();
    metrics.begin();
    metrics.begin();
    metrics.end();
    expect(metrics.inFlight).toBe(1);
    expect(sample(metrics, "http_requests_in_flight")).toBe(1);
    metrics.end();
    metrics.end();
    expect(metrics.inFlight).toBe(0);
    expect(sample(metrics, 'seakeep_internal_errors_total{part="exchange"}')).toBe(1);
  });
});

describe("a duration that is none", () => {
  it("is counted as a slow request and as a fault", () => {
    const metrics = metricsOf();
    for (const seconds of [Number.NaN, -1]) metrics.record("GET", "/courses/:id", 200, seconds);
    const labels = '{method="GET",path_template="/courses/:id",status_code="200"';
    expect(sample(metrics, `http_requests_total${labels}}`)).toBe(2);
    expect(sample(metrics, `http_request_duration_seconds_bucket${labels},le="10"}`)).toBe(0);
    expect(sample(metrics, `http_request_duration_seconds_sum${labels}}`)).toBe(0);
    expect(sample(metrics, 'seakeep_internal_errors_total{part="metrics"}')).toBe(2);
  });
});

describe("names that are not in the lists", () => {
  it("add no series and break nothing", () => {
    const metrics = metricsOf();
    const before = [...metrics.exposition("text")].join("");
    metrics.securityEvent("made_up" as never);
    metrics.internalError("made_up" as never);
    expect([...metrics.exposition("text")].join("")).toBe(before);
  });
});

describe("a flood", () => {
  it("of 10,000 random paths leaves a bounded page, and the overflow counted", () => {
    const metrics = metricsOf();
    for (let index = 0; index < 10_000; index++) metrics.record("GET", `/${index}`, 404, 0.001);
    expect(sample(metrics, "seakeep_series_overflow_total")).toBe(9500);
    expect(lines(metrics)).toBeLessThan(15_000);
    const before = lines(metrics);
    for (let index = 10_000; index < 20_000; index++) metrics.record("GET", `/${index}`, 404, 0.001);
    expect(lines(metrics)).toBe(before);
    metrics.record("GET", "/courses/:id", 503, 0.001);
    const labels = '{method="GET",path_template="/courses/:id",status_code="503"}';
    expect(sample(metrics, `http_server_errors_total${labels}`)).toBe(1);
  });

  it("of 200,000 hostile requests that match no route costs next to nothing", () => {
    const metrics = metricsOf();
    const hostile = (index: number) => {
      // What a client can choose: the method, and by it and the path which status is answered.
      const method = index % 3 === 0 ? `M${index}` : ["GET", "POST", "TRACE"][index % 3]!;
      metrics.record(method, undefined, 400 + (index % 30), index / 1e6);
    };
    for (let index = 0; index < 1000; index++) hostile(index);
    const before = lines(metrics);
    const heap = process.memoryUsage().heapUsed;
    for (let index = 1000; index < 200_000; index++) hostile(index);
    expect(lines(metrics)).toBe(before);
    expect(before).toBeLessThan(2000);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(64 * 1024 * 1024);
  });
});

describe("declareRoutes", () => {
  it("reserves what the router knows, at zero, ahead of any flood", () => {
    const metrics = metricsOf({ routeLimit: 10 });
    metrics.declareRoutes([{ method: "POST", template: "/upload" }]);
    for (let index = 0; index < 100; index++) metrics.record("GET", `/${index}`, 200, 0.001);
    const series = 'http_requests_total{method="POST",path_template="/upload",status_code="201"}';
    expect(sample(metrics, series)).toBe(0);
    metrics.record("POST", "/upload", 201, 0.001);
    expect(sample(metrics, series)).toBe(1);
  });
});

describe("the event-loop sampler", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("begins with the first scrape and ends with close()", () => {
    vi.useFakeTimers();
    const metrics = createMetrics(service);
    expect(vi.getTimerCount()).toBe(0);
    lines(metrics);
    lines(metrics);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(sample(metrics, "nodejs_eventloop_delay_p99_seconds")).toBe(0);
    metrics.close();
    expect(vi.getTimerCount()).toBe(0);
    lines(metrics);
    expect(vi.getTimerCount()).toBe(0);
  });
});
