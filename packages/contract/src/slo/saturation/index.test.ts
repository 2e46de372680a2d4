import { describe, expect, it } from "vitest";
import { metricNames } from "../../names.ts";
import { defineService } from "../../service.ts";
import type { QueryContext, Slo } from "../slo.ts";
import { saturation } from "./index.ts";

const QUERY: QueryContext = {
  names: metricNames("prometheus"),
  job: 'job="courses-api"',
  probeJob: 'job="courses-api-probe"',
  id: 'seakeep_id="courses-api-saturation"',
};

const resolve = (...slos: Parameters<typeof defineService>[0]["slos"]): readonly Slo[] =>
  defineService({ name: "courses-api", owner: "learning", slos }).slos;

const conditions = (...options: Parameters<typeof saturation>): string =>
  resolve(saturation(...options))[0]!.indicator(QUERY).record![0]!.expr;

describe("saturation", () => {
  it("says what it promises and what breaks it", () => {
    const [slo] = resolve(saturation({ inFlight: 200, eventLoopDelay: "200ms" }));
    expect(slo).toMatchObject({
      kind: "saturation",
      objective: 99,
      events: "samples",
      sentence:
        "Each process has room 99 % of the time: at most 200 requests in flight and an event loop at most 200ms late",
      bad: "samples with more than 200 requests in flight or an event loop more than 200ms late",
      edges: [],
    });
  });

  it("records, for each process, whether any limit is exceeded", () => {
    expect(conditions({ inFlight: 200, eventLoopDelay: "200ms" })).toBe(
      'max by (instance) ((http_requests_in_flight{job="courses-api"} > bool 200) + on (instance) ' +
        '(nodejs_eventloop_delay_p99_seconds{job="courses-api"} > bool 0.2)) > bool 0',
    );
    expect(conditions({ inFlight: 200 })).toBe(
      'max by (instance) ((http_requests_in_flight{job="courses-api"} > bool 200)) > bool 0',
    );
    expect(conditions({ eventLoopDelay: "1s" })).toBe(
      'max by (instance) ((nodejs_eventloop_delay_p99_seconds{job="courses-api"} > bool 1)) > bool 0',
    );
  });

  it("counts its own recorded samples", () => {
    const [slo] = resolve(saturation({ inFlight: 200 }));
    const { bad, total, record } = slo!.indicator(QUERY);
    expect(record![0]!.name).toBe("slo:sli_saturated:bool");
    expect(bad("5m")).toBe(
      'sum(sum_over_time(slo:sli_saturated:bool{seakeep_id="courses-api-saturation"}[5m]))',
    );
    expect(total("5m")).toBe(
      'sum(count_over_time(slo:sli_saturated:bool{seakeep_id="courses-api-saturation"}[5m]))',
    );
  });
});
