import { describe, expect, it } from "vitest";
import { metricNames } from "../../names.ts";
import { defineService } from "../../service.ts";
import type { QueryContext, Slo } from "../slo.ts";
import { errors } from "./index.ts";

const QUERY: QueryContext = {
  names: metricNames("prometheus"),
  job: 'job="courses-api"',
  probeJob: 'job="courses-api-probe"',
  id: 'seakeep_id="courses-api-errors"',
};

const resolve = (...slos: Parameters<typeof defineService>[0]["slos"]): readonly Slo[] =>
  defineService({ name: "courses-api", owner: "learning", slos }).slos;

describe("errors", () => {
  const [slo, narrow] = resolve(
    errors({ objective: 99 }),
    errors({ objective: 99.9, routes: ["GET /a", "POST /b", "GET /c"] }),
  );

  it("says what it promises and what breaks it", () => {
    expect(slo).toMatchObject({
      kind: "errors",
      events: "requests",
      sentence: "99 % of requests are answered without a server error",
      bad: "requests answered with a server error",
      edges: [],
    });
  });

  it("counts server errors, none where there is traffic and no series, and all requests", () => {
    const [alone] = resolve(errors({ objective: 99 }));
    const { bad, total } = alone!.indicator(QUERY);
    expect(total("5m")).toBe('sum(increase(http_requests_total{job="courses-api"}[5m]))');
    expect(bad("5m")).toBe(
      '(sum(increase(http_server_errors_total{job="courses-api"}[5m])) or ' +
        '0 * sum(increase(http_requests_total{job="courses-api"}[5m])))',
    );
  });

  it("has a selector for each method of its routes", () => {
    expect(narrow!.indicator(QUERY).total("5m")).toBe(
      'sum(increase(http_requests_total{job="courses-api",method="GET",path_template=~"/a|/c"}[5m]) or ' +
        'increase(http_requests_total{job="courses-api",method="POST",path_template=~"/b"}[5m]))',
    );
  });

  it("leaves out what a narrower one counts", () => {
    expect(slo!.indicator(QUERY).total("5m")).toBe(
      'sum(increase(http_requests_total{job="courses-api",path_template!~"/a|/b|/c"}[5m]) or ' +
        'increase(http_requests_total{job="courses-api",method!~"GET",path_template="/a"}[5m]) or ' +
        'increase(http_requests_total{job="courses-api",method!~"POST",path_template="/b"}[5m]) or ' +
        'increase(http_requests_total{job="courses-api",method!~"GET",path_template="/c"}[5m]))',
    );
  });

  it("speaks OpenTelemetry when told to", () => {
    const { bad } = narrow!.indicator({ ...QUERY, names: metricNames("otel") });
    expect(bad("5m")).toContain(
      'http_server_request_errors_total{job="courses-api",http_request_method="GET"',
    );
    expect(bad("5m")).not.toContain("path_template");
  });
});
