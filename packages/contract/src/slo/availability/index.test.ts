import { describe, expect, it } from "vitest";
import { metricNames } from "../../names.ts";
import { defineService } from "../../service.ts";
import type { QueryContext, Slo } from "../slo.ts";
import { availability } from "./index.ts";

const QUERY: QueryContext = {
  names: metricNames("prometheus"),
  job: 'job="courses-api"',
  probeJob: 'job="courses-api-probe"',
  id: 'seakeep_id="courses-api-availability"',
};

const resolve = (...slos: Parameters<typeof defineService>[0]["slos"]): readonly Slo[] =>
  defineService({ name: "courses-api", owner: "learning", slos }).slos;

describe("availability", () => {
  const [slo] = resolve(availability({ objective: 99.9, probe: "/healthz" }));

  it("says what it promises and what breaks it", () => {
    expect(slo).toMatchObject({
      kind: "availability",
      events: "probes",
      sentence: "99.9 % of probes of /healthz pass",
      bad: "probes of /healthz failing",
      probe: "/healthz",
      edges: [],
    });
  });

  it("counts failed probes and all probes", () => {
    const { bad, total, record } = slo!.indicator(QUERY);
    expect(total("5m")).toBe('sum(count_over_time(probe_success{job="courses-api-probe"}[5m]))');
    expect(bad("1h")).toBe(
      'sum(count_over_time(probe_success{job="courses-api-probe"}[1h])) - ' +
        'sum(sum_over_time(probe_success{job="courses-api-probe"}[1h]))',
    );
    expect(record).toBeUndefined();
  });
});
