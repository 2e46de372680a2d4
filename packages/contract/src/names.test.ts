import { describe, expect, it, test } from "vitest";
import { badCount, errorRatio, metricNames, NAMES, type Naming, totalCount } from "./names.ts";

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

const namings: Naming[] = ["prometheus", "otel"];
const metricsOf = (naming: Naming): string[] => {
  const { labels: _labels, ...metrics } = metricNames(naming);
  return Object.values(metrics);
};

describe("metricNames", () => {
  test.each(namings)("%s: every name is valid in Prometheus and stands once", (naming) => {
    const { labels } = metricNames(naming);
    for (const name of metricsOf(naming)) expect(name).toMatch(METRIC);
    for (const name of Object.values(labels)) {
      expect(name).toMatch(LABEL);
      // Two underscores in front are Prometheus' own, and these three are set by it or by the histogram.
      expect(name).not.toMatch(/^__|^(le|job|instance)$/);
    }
    expect(new Set(metricsOf(naming)).size).toBe(metricsOf(naming).length);
    expect(new Set(Object.values(labels)).size).toBe(Object.values(labels).length);
  });

  test.each(namings)("%s: counters end in _total, durations in _seconds", (naming) => {
    const names = metricNames(naming);
    expect(names.requests).toMatch(/_total$/);
    expect(names.serverErrors).toMatch(/_total$/);
    expect(names.duration).toMatch(/_seconds$/);
  });

  it("shares no metric and no label between the two families", () => {
    const other = [...metricsOf("otel"), ...Object.values(metricNames("otel").labels)];
    for (const name of metricsOf("prometheus")) expect(other).not.toContain(name);
    for (const name of Object.values(metricNames("prometheus").labels)) expect(other).not.toContain(name);
  });

  it("keeps the names of the system that it grew from", () => {
    expect(metricNames("prometheus")).toEqual({
      duration: "http_request_duration_seconds",
      requests: "http_requests_total",
      serverErrors: "http_server_errors_total",
      inFlight: "http_requests_in_flight",
      labels: { method: "method", route: "path_template", status: "status_code" },
    });
  });
});

describe("NAMES", () => {
  it("has valid metrics that no naming uses, each once", () => {
    const names = Object.values(NAMES.metrics);
    for (const name of names) {
      expect(name).toMatch(METRIC);
      expect([...metricsOf("prometheus"), ...metricsOf("otel")]).not.toContain(name);
    }
    expect(new Set(names).size).toBe(names.length);
  });

  it("has valid labels", () => {
    for (const name of Object.values(NAMES.labels)) expect(name).toMatch(LABEL);
  });

  it("has valid rule names, recorded ones with colons as Prometheus asks", () => {
    for (const name of Object.values(NAMES.rules)) expect(name).toMatch(METRIC);
    const recorded = [errorRatio("5m"), badCount("5m"), totalCount("5m")];
    expect(recorded[0]).toBe("slo:sli_error:ratio_rate5m");
    for (const name of recorded) expect(name).toMatch(METRIC);
    expect(new Set(recorded).size).toBe(3);
  });

  it("has lower-case headers, rooted paths, distinct log fields, upper-case variables", () => {
    for (const name of Object.values(NAMES.headers)) expect(name).toMatch(/^[a-z-]+$/);
    for (const path of Object.values(NAMES.paths)) expect(path).toMatch(/^\/[a-z]+$/);
    for (const name of Object.values(NAMES.environment)) expect(name).toMatch(/^[A-Z_]+$/);
    const fields = Object.values(NAMES.log);
    expect(new Set(fields).size).toBe(fields.length);
  });

  it("has values for many that no route and no method can be", () => {
    for (const value of [NAMES.values.unmatched, NAMES.values.overflow]) expect(value).not.toMatch(/^\//);
    expect(NAMES.values.otherMethod).toMatch(/^_/);
  });
});
