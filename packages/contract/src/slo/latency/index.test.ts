import { describe, expect, it } from "vitest";
import { metricNames } from "../../names.ts";
import { defineService } from "../../service.ts";
import type { QueryContext, Slo } from "../slo.ts";
import { latency } from "./index.ts";

const QUERY: QueryContext = {
  names: metricNames("prometheus"),
  job: 'job="courses-api"',
  probeJob: 'job="courses-api-probe"',
  id: 'seakeep_id="courses-api-latency"',
};

const resolve = (...slos: Parameters<typeof defineService>[0]["slos"]): readonly Slo[] =>
  defineService({ name: "courses-api", owner: "learning", slos }).slos;

describe("latency", () => {
  it("says what it promises and what breaks it, and has its threshold as an edge", () => {
    const [slo] = resolve(latency({ objective: 95, threshold: "1.5s" }));
    expect(slo).toMatchObject({
      kind: "latency",
      events: "requests",
      sentence: "95 % of requests are answered within 1500ms",
      bad: "requests slower than 1500ms",
      edges: [1.5],
    });
  });

  it("counts all requests and those beyond the edge", () => {
    const [slo] = resolve(latency({ objective: 95, threshold: "500ms" }));
    const { bad, total } = slo!.indicator(QUERY);
    expect(total("5m")).toBe('sum(increase(http_request_duration_seconds_count{job="courses-api"}[5m]))');
    expect(bad("5m")).toBe(
      'clamp_min(sum(increase(http_request_duration_seconds_count{job="courses-api"}[5m])) - ' +
        'sum(increase(http_request_duration_seconds_bucket{job="courses-api",le="0.5"}[5m])), 0)',
    );
  });

  it("finds a whole edge in Prometheus 2 and 3, on its own routes", () => {
    const [slo] = resolve(latency({ objective: 95, threshold: "5s", routes: ["POST /upload/"] }));
    expect(slo!.indicator(QUERY).bad("5m")).toContain(
      'http_request_duration_seconds_bucket{job="courses-api",le=~"5([.]0)?",method="POST",path_template=~"/upload/"}[5m]',
    );
  });
});
