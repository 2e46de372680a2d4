import { metricNames, NAMES, quote, type Service } from "@seakeep/contract";
import { ruleContext } from "../prometheus/rule.ts";
import type { Timing } from "../timing.ts";
import { judged, mayFail } from "./promises.ts";
import { escaped, inWords } from "./words.ts";

/** Each SLO with the PromQL to paste into Prometheus or Grafana. */
export function sloDetails(service: Service, timing: Timing): string {
  const sections = service.slos.map((slo) => {
    const { indicator, series } = ruleContext(service, slo, timing);
    const bad = indicator.bad("5m");
    return `### ${slo.name}

${escaped(slo.sentence)}; ${mayFail(slo, timing)} may fail. Bad: ${escaped(slo.bad)}. ${judged(slo)}

\`\`\`promql
# Share failing now
(${bad})
  / (${indicator.total("5m")} > 0)

# Error budget left, as a share of ${inWords(timing.period)}
${series(NAMES.rules.remaining)}

# How many times too fast the budget is being spent: at 1 it lasts the period
${series(NAMES.rules.currentBurnRate)}
\`\`\`
`;
  });
  return `## Each SLO, and queries to paste

${sections.join("\n")}`;
}

/** Queries that find the place once it is known that something is wrong. */
export function whereItHurts(service: Service): string {
  const { requests, serverErrors, duration, labels } = metricNames(service.naming);
  const job = `job=${quote(service.name)}`;
  return `### Where it hurts

\`\`\`promql
# Server errors a second, by route
topk(10, sum by (${labels.method}, ${labels.route}) (rate(${serverErrors}{${job}}[5m])) > 0)

# Requests a second, by status
sum by (${labels.status}) (rate(${requests}{${job}}[5m]))

# Slowest routes: 95 of 100 requests are faster than this, seconds
topk(10, histogram_quantile(0.95, sum by (le, ${labels.route}) (rate(${duration}_bucket{${job}}[5m]))))
\`\`\`
`;
}
