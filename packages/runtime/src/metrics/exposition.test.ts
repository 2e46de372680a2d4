import { defineService, errors, type Naming } from "@seakeep/contract";
import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { createMetrics, type Format, type Metrics, type MetricsSettings } from "./index.ts";

const DELAY = { p99: 0.0125, start() {}, stop() {} };

function metricsOf(
  routes: string[] = [],
  settings: MetricsSettings = {},
  naming: Naming = "prometheus",
): Metrics {
  const service = defineService({
    name: "courses-api",
    owner: "learning",
    naming,
    slos: [errors({ objective: 99 })],
    routes,
  });
  return createMetrics(service, { processStart: 1_700_000_000, eventLoopDelay: false, ...settings });
}

function pageOf(metrics: Metrics, format: Format = "text"): string {
  return [...metrics.exposition(format)].join("");
}

/** The lines of a page that are not about `_unmatched`. */
function linesAbout(page: string, wanted: RegExp): string[] {
  return page.split("\n").filter((line) => wanted.test(line) && !line.includes("_unmatched"));
}

const HISTOGRAM = `http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="0.005"} 1
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="0.01"} 1
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="0.025"} 1
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="0.05"} 1
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="0.1"} 1
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="0.25"} 1
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="0.5"} 1
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="1"} 2
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="2.5"} 2
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="5"} 2
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="10"} 2
http_request_duration_seconds_bucket{method="GET",path_template="/a",status_code="200",le="+Inf"} 3
http_request_duration_seconds_sum{method="GET",path_template="/a",status_code="200"} 16.003
http_request_duration_seconds_count{method="GET",path_template="/a",status_code="200"} 3`;

describe("the text format", () => {
  const metrics = metricsOf(["GET /a"], { version: "1.2.3", eventLoopDelay: DELAY });
  metrics.begin();
  for (const seconds of [0.003, 1, 15]) metrics.record("GET", "/a", 200, seconds);
  metrics.record("GET", "/a", 503, 0.2);
  metrics.securityEvent("authz_fail");
  const page = pageOf(metrics);

  it("writes a histogram a row, cumulative, with sum and count", () => {
    expect(linesAbout(page, /_seconds_\w+\{.*"200"/).join("\n")).toBe(HISTOGRAM);
  });

  it("derives the counters from the rows, server errors from zero on", () => {
    expect(linesAbout(page, /_total\{method/)).toEqual([
      'http_requests_total{method="GET",path_template="/a",status_code="200"} 3',
      'http_requests_total{method="GET",path_template="/a",status_code="503"} 1',
      'http_requests_total{method="GET",path_template="/a",status_code="500"} 0',
      'http_requests_total{method="GET",path_template="/a",status_code="502"} 0',
      'http_requests_total{method="GET",path_template="/a",status_code="504"} 0',
      'http_server_errors_total{method="GET",path_template="/a",status_code="503"} 1',
      'http_server_errors_total{method="GET",path_template="/a",status_code="500"} 0',
      'http_server_errors_total{method="GET",path_template="/a",status_code="502"} 0',
      'http_server_errors_total{method="GET",path_template="/a",status_code="504"} 0',
    ]);
  });

  it("ends with what is one a process", () => {
    expect(page.slice(page.indexOf("# HELP http_requests_in_flight"))).toBe(`\
# HELP http_requests_in_flight Requests being served now.
# TYPE http_requests_in_flight gauge
http_requests_in_flight 1
# HELP http_security_events_total Security events, by OWASP name.
# TYPE http_security_events_total counter
http_security_events_total{event="authn_login_fail"} 0
http_security_events_total{event="authz_fail"} 1
http_security_events_total{event="excess_rate_limit_exceeded"} 0
http_security_events_total{event="input_validation_fail"} 0
http_security_events_total{event="sensitive_request_fail"} 0
# HELP seakeep_series_overflow_total Requests counted under a coarser label because a series limit was reached.
# TYPE seakeep_series_overflow_total counter
seakeep_series_overflow_total 0
# HELP seakeep_internal_errors_total Faults inside the instrumentation itself, by part.
# TYPE seakeep_internal_errors_total counter
seakeep_internal_errors_total{part="adapter"} 0
seakeep_internal_errors_total{part="audit"} 0
seakeep_internal_errors_total{part="exchange"} 0
seakeep_internal_errors_total{part="health"} 0
seakeep_internal_errors_total{part="log"} 0
seakeep_internal_errors_total{part="metrics"} 0
seakeep_internal_errors_total{part="registry"} 0
seakeep_internal_errors_total{part="sentry"} 0
# HELP nodejs_eventloop_delay_p99_seconds 99th percentile of event-loop delay over the last window.
# TYPE nodejs_eventloop_delay_p99_seconds gauge
nodejs_eventloop_delay_p99_seconds 0.0125
# HELP process_start_time_seconds Start time of the process since the Unix epoch.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1700000000
# HELP seakeep_service_info The service, its version and the hash of its declaration.
# TYPE seakeep_service_info gauge
seakeep_service_info{service="courses-api",version="1.2.3",declaration="${page.match(/declaration="([0-9a-f]{16})"/)?.[1]}"} 1
`);
  });

  it("opens every family once, and names each in `names`", () => {
    const families = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    expect(new Set(families).size).toBe(families.length);
    const samples = [...page.matchAll(/^([a-z]\w*)/gm)].map(([, name]) => name!);
    expect([...new Set([...families, ...samples])].sort()).toEqual([...metrics.names].sort());
  });
});

describe("OpenMetrics", () => {
  const metrics = metricsOf(["GET /a"]);
  metrics.record("GET", "/a", 200, 0.7);
  const page = pageOf(metrics, "openmetrics");

  it("names families without the suffix of their samples, and their units", () => {
    expect([...page.matchAll(/^# (?:TYPE|UNIT) .*/gm)].map(([line]) => line)).toEqual([
      "# TYPE http_request_duration_seconds histogram",
      "# UNIT http_request_duration_seconds seconds",
      "# TYPE http_requests counter",
      "# TYPE http_server_errors counter",
      "# TYPE http_requests_in_flight gauge",
      "# TYPE http_security_events counter",
      "# TYPE seakeep_series_overflow counter",
      "# TYPE seakeep_internal_errors counter",
      "# TYPE process_start_time_seconds gauge",
      "# UNIT process_start_time_seconds seconds",
      "# TYPE seakeep_service info",
    ]);
  });

  it("writes edges as floats", () => {
    const edges = linesAbout(page, /_bucket/).map((line) => /le="([^"]+)"/.exec(line)?.[1]);
    expect(edges.slice(-5)).toEqual(["1.0", "2.5", "5.0", "10.0", "+Inf"]);
  });
});

describe("the names of OpenTelemetry", () => {
  it("replace ours", () => {
    const metrics = metricsOf(["GET /a"], {}, "otel");
    metrics.record("GET", "/a", 503, 0.7);
    const page = pageOf(metrics);
    expect(page).toContain(
      'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/a",http_response_status_code="503"} 1\n',
    );
    expect(page).toContain("# TYPE http_server_active_requests gauge\n");
    expect(page).not.toMatch(/path_template|http_requests_in_flight/);
  });
});

describe("the first scrape", () => {
  it("has declared and unmatched routes at zero, so that increase() sees the first error", () => {
    const page = pageOf(metricsOf(["GET /a", "POST /b"]));
    for (const status of [500, 502, 503, 504]) {
      for (const [method, template] of [
        ["GET", "/a"],
        ["POST", "/b"],
        ["GET", "_unmatched"],
        ["POST", "_unmatched"],
      ]) {
        const labels = `{method="${method}",path_template="${template}",status_code="${status}"} 0\n`;
        expect(page).toContain(`http_requests_total${labels}`);
        expect(page).toContain(`http_server_errors_total${labels}`);
      }
    }
    expect(page).toContain('http_requests_total{method="POST",path_template="/b",status_code="201"} 0\n');
    expect(page).toContain(
      'http_request_duration_seconds_count{method="GET",path_template="/a",status_code="200"} 0\n',
    );
  });

  it("costs at most fifty lines a declared route", () => {
    const routes = (count: number) => Array.from({ length: count }, (_, index) => `POST /r${index}`);
    const lines = (count: number) => pageOf(metricsOf(routes(count))).split("\n").length;
    expect((lines(100) - lines(0)) / 100).toBeLessThanOrEqual(50);
  });

  it("leaves an unknown event-loop delay out: unknown is not zero", () => {
    const page = pageOf(metricsOf([], { eventLoopDelay: { p99: undefined, start() {}, stop() {} } }));
    expect(page).not.toContain("eventloop");
  });
});

describe("hostile labels", () => {
  it.each([
    ['/a"} 1\nforged_total 9', '/a\\"} 1\\nforged_total 9'],
    ["/\\", "/\\\\"],
    ["/\\n", "/\\\\n"],
    ["/\u2028\u001b[31m", "/\u2028\u001b[31m"],
    ["/кот/\u{1f408}", "/кот/\u{1f408}"],
  ])("%j stays inside its quotes", (template, written) => {
    const metrics = metricsOf([], { version: template });
    metrics.record("GET", template, 200, 0.1);
    const page = pageOf(metrics);
    expect(page).toContain(
      `http_requests_total{method="GET",path_template="${written}",status_code="200"} 1\n`,
    );
    expect(page).toContain(`,version="${written}",`);
    expect(page).not.toMatch(/^forged/m);
    for (const line of page.trimEnd().split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\\n]|\\[\\"n])*",?)+\})? [\d.+e-]+)$/u);
    }
  });
});

describe("chunks", () => {
  it("are bounded and split no row, while requests are recorded between them", () => {
    const metrics = metricsOf([], { routeLimit: 5000 });
    const template = (index: number) => `/${index}/${"x".repeat(200)}`;
    for (let index = 0; index < 1000; index++) metrics.record("GET", template(index), 200, 0.02);
    let page = "";
    let chunks = 0;
    for (const chunk of metrics.exposition("text")) {
      expect(chunk.length).toBeLessThanOrEqual(64 * 1024);
      expect(chunk.endsWith("\n")).toBe(true);
      // Into rows already written, rows still to come, and rows that did not exist.
      for (const index of [0, 999, 1000 + chunks]) metrics.record("GET", template(index), 200, 3);
      page += chunk;
      chunks++;
    }
    expect(chunks).toBeGreaterThan(50);
    const lines = page.trimEnd().split("\n");
    const samples = lines.filter((line) => !line.startsWith("#")).map((line) => line.split("} ")[0]);
    expect(new Set(samples).size).toBe(samples.length);
    let rows = 0;
    for (const [index, line] of lines.entries()) {
      const [, labels, count] = /_bucket\{(.*),le="\+Inf"\} (\d+)/.exec(line) ?? [];
      if (labels === undefined) continue;
      expect(lines[index + 2]).toBe(`http_request_duration_seconds_count{${labels}} ${count}`);
      rows++;
    }
    expect(rows).toBeGreaterThan(1000);
  });
});

type Observation = readonly [route: number, status: number, seconds: number];

const observations = fc.array(
  fc.tuple(
    fc.nat(3),
    fc.constantFrom(200, 201, 404, 499, 500, 503),
    fc.double({ min: 0, max: 20, noNaN: true }),
  ),
  { maxLength: 200 },
);

describe("prom-client", () => {
  /** Samples by name and sorted labels. Rows that nothing was counted in are ours alone. */
  function samples(page: string): Map<string, number> {
    const found = new Map<string, number>();
    for (const line of page.split("\n")) {
      const [, name, labels = "", value] = /^(\w+)\{(.*)\} (.+)$/.exec(line) ?? [];
      if (name === undefined) continue;
      found.set(`${name}{${labels.split(",").sort().join(",")}}`, Number(value));
    }
    return found;
  }

  it("writes the same numbers for the same requests", async () => {
    await fc.assert(
      fc.asyncProperty(observations, async (list: readonly Observation[]) => {
        const registry = new Registry();
        const peer = new Histogram({
          name: "http_request_duration_seconds",
          help: "-",
          labelNames: ["method", "path_template", "status_code"],
          buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
          registers: [registry],
        });
        const metrics = metricsOf(["GET /0"]);
        for (const [route, status, seconds] of list) {
          metrics.record("GET", `/${route}`, status, seconds);
          peer.observe({ method: "GET", path_template: `/${route}`, status_code: status }, seconds);
        }
        const ours = samples(pageOf(metrics));
        const theirs = samples(await registry.metrics());
        for (const [series, value] of theirs) expect([series, ours.get(series)]).toEqual([series, value]);
        const rows = new Set(list.map(([route, status]) => `${route} ${status}`)).size;
        expect(theirs.size).toBe(rows * 14);
      }),
      { numRuns: 50 },
    );
  });
});

describe("any interleaving of requests and scrapes", () => {
  it("keeps rows cumulative and counters equal to their rows", () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ record: fc.tuple(fc.nat(8), fc.integer(), fc.double()) }) },
      { weight: 1, arbitrary: fc.constant("chunk" as const) },
      { weight: 1, arbitrary: fc.record({ declare: fc.nat(8) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const metrics = metricsOf(["GET /1"], { routeLimit: 3 });
        let scrape = metrics.exposition("text")[Symbol.iterator]();
        let recorded = 0;
        for (const action of steps) {
          if (action === "chunk") {
            if (scrape.next().done) scrape = metrics.exposition("text")[Symbol.iterator]();
          } else if ("declare" in action) {
            metrics.declareRoutes([{ method: "GET", template: `/${action.declare}` }]);
          } else {
            const [route, status, seconds] = action.record;
            metrics.record("GET", route === 0 ? undefined : `/${route}`, status, seconds);
            recorded++;
          }
        }
        const page = pageOf(metrics);
        let total = 0;
        let previous = 0;
        for (const line of page.split("\n")) {
          const value = Number(line.slice(line.lastIndexOf(" ") + 1));
          if (line.includes('le="')) {
            if (line.includes('le="0.005"')) previous = 0;
            expect(value).toBeGreaterThanOrEqual(previous);
            previous = value;
          } else if (line.includes("_seconds_count{")) {
            expect(value).toBe(previous);
          } else if (line.includes("_seconds_sum{")) {
            expect(Number.isFinite(value)).toBe(true);
          } else if (line.startsWith("http_requests_total{")) total += value;
        }
        expect(total).toBe(recorded);
      }),
      { numRuns: 100 },
    );
  });
});
