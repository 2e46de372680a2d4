import { formatDuration, NAMES, quote, type Service, type Severity } from "@seakeep/contract";
import { ALERTS } from "../alerts.ts";
import type { Timing } from "../timing.ts";
import { probeJobName } from "./jobs.ts";
import { type AlertingRule, badName, type RuleContext } from "./rule.ts";

/** How long each kind of absence must last, milliseconds. */
export const AFTER = {
  /** Two scrapes in a row: one lost scrape is not an outage. */
  page: ({ scrape }: Timing): number => 2 * scrape,
  ticket: ({ scrape }: Timing): number => 10 * scrape,
  /** Three slow evaluations in a row: a restart or a deploy may take one. */
  data: ({ slow }: Timing): number => 3 * slow,
  /** A rolling deploy runs both declarations for a while. */
  drift: ({ span }: Timing): number => span(3_600_000),
} as const;

/** An alert on something that is there or not, rather than on a share of events. */
export interface Presence {
  readonly alert: string;
  readonly expr: string;
  readonly after: number;
  readonly severity: Severity;
  readonly slo?: string;
  readonly summary: string;
  readonly description: string;
}

/**
 * A process that is gone reports no errors, and a ratio of nothing never alerts: what is missing is watched by itself.
 */
export function targetAlerts(service: Service, timing: Timing): AlertingRule[] {
  const { name, hash } = service;
  const up = `up{job=${quote(name)}}`;
  const running = `${NAMES.metrics.serviceInfo}{job=${quote(name)},${NAMES.labels.declaration}!=${quote(hash)}}`;
  return [
    {
      alert: ALERTS.targetDown,
      expr: `max by (job) (${up}) == 0`,
      after: AFTER.page(timing),
      severity: "page" as const,
      summary: `${name} is down: no instance answers Prometheus`,
      description:
        "Every scrape of its metrics fails, so its errors and latency cannot be seen. Either the processes are gone, " +
        "or Prometheus can no longer reach them or is refused: the targets page of Prometheus says which.",
    },
    {
      alert: ALERTS.targetAbsent,
      expr: `absent(${up})`,
      after: AFTER.page(timing),
      severity: "page" as const,
      summary: `${name} is not watched: Prometheus has no target for it`,
      description: "No scrape of it is configured or discovered, so nothing about it can be seen.",
    },
    {
      alert: ALERTS.instanceDown,
      expr: `${up} == 0 unless on (job) max by (job) (${up}) == 0`,
      after: AFTER.ticket(timing),
      severity: "ticket" as const,
      summary: `${name}: instance {{ $labels.instance }} does not answer Prometheus`,
      description: "Other instances do. It is down, unreachable, or refuses the scrape.",
    },
    {
      alert: ALERTS.declarationDrift,
      expr: `count by (job) (${running}) > 0`,
      after: AFTER.drift(timing),
      severity: "ticket" as const,
      summary: `${name}: {{ $value }} instance(s) run another declaration than these rules`,
      description:
        `These rules are from declaration ${hash}. Thresholds or buckets may differ from what the service measures: ` +
        "deploy the service, or run seakeep generate and load the rules.",
    },
  ].map((presence) => presenceRule(service, presence));
}

/** Raised when an SLO cannot be told: silence there would read as a promise kept. */
export function missingDataAlert(context: RuleContext): AlertingRule {
  const { service, slo, timing, series } = context;
  if (slo.probe !== undefined) {
    const { probe } = slo;
    const matchers = `job=${quote(probeJobName(service))},${NAMES.labels.probe}=${quote(probe)}`;
    return presenceRule(service, {
      alert: ALERTS.probeMissing,
      expr: `absent(${NAMES.metrics.probeSuccess}{${matchers}})`,
      after: AFTER.ticket(timing),
      severity: "ticket",
      slo: slo.name,
      summary: `${service.name}: nobody probes ${probe}`,
      description:
        `The black-box probe reports neither success nor failure, so "${slo.sentence}" cannot be told. ` +
        "Either the blackbox exporter is down, or its scrape is not configured.",
    });
  }
  return presenceRule(service, {
    alert: ALERTS.metricsMissing,
    expr: `absent(${series(badName(timing.slow))}) and on () (max(up{job=${quote(service.name)}}) == 1)`,
    after: AFTER.data(timing),
    severity: "ticket",
    slo: slo.name,
    summary: `${service.name}: no data for the SLO ${slo.name}`,
    description:
      `The service answers scrapes, but what "${slo.sentence}" is counted from is not among its metrics: ` +
      "another metric naming, a histogram without the declared threshold as a bucket edge, or a route that was never called.",
  });
}

/** Adds the labels and the runbook that every alert has. */
export function presenceRule(
  service: Service,
  { alert, expr, after, severity, slo, summary, description }: Presence,
): AlertingRule {
  const { runbooks, name } = service;
  const anchor = alert.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
  return {
    alert,
    expr,
    for: formatDuration(after),
    labels: {
      [NAMES.rules.service]: name,
      ...(slo === undefined ? {} : { [NAMES.rules.slo]: slo }),
      [NAMES.rules.severity]: severity,
    },
    annotations: {
      summary,
      description,
      ...(runbooks === undefined ? {} : { runbook_url: `${runbooks}#${anchor}` }),
    },
  };
}
