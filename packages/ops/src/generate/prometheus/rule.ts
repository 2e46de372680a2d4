import {
  badCount,
  errorRatio,
  formatDuration,
  type Indicator,
  metricNames,
  NAMES,
  quote,
  type Service,
  type Slo,
  totalCount,
} from "@seakeep/contract";
import type { Timing } from "../timing.ts";
import { probeJobName } from "./jobs.ts";

/** One entry of a rule group, in Prometheus' own spelling. */
export type Rule = RecordingRule | AlertingRule;

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly Rule[];
}

/** An SLO in its service, with what every rule about it needs. */
export interface RuleContext {
  readonly service: Service;
  readonly slo: Slo;
  readonly timing: Timing;
  readonly indicator: Indicator;
  /** Labels of the SLO's recorded series. */
  readonly labels: Readonly<Record<string, string>>;
  /** A recorded series of this SLO alone: `slo:sli_error:ratio_rate5m{seakeep_id="courses-api/errors"}`. */
  readonly series: (name: string) => string;
}

export function ruleContext(service: Service, slo: Slo, timing: Timing): RuleContext {
  const { id, service: serviceLabel, slo: sloLabel } = NAMES.rules;
  // A slash, which neither name can contain: with a hyphen, "a-b" and "c" would be taken for "a" and "b-c".
  const value = `${service.name}/${slo.name}`;
  const own = `${id}=${quote(value)}`;
  const probe = slo.probe === undefined ? "" : `,${NAMES.labels.probe}=${quote(slo.probe)}`;
  return {
    service,
    slo,
    timing,
    indicator: slo.indicator({
      names: metricNames(service.naming),
      job: `job=${quote(service.name)}`,
      probeJob: `job=${quote(probeJobName(service))}${probe}`,
      id: own,
    }),
    labels: { [id]: value, [serviceLabel]: service.name, [sloLabel]: slo.name },
    series: (name) => `${name}{${own}}`,
  };
}

/** Recorded error ratio over a window in milliseconds. */
export function ratioName(ms: number): string {
  return errorRatio(formatDuration(ms));
}

/** Recorded count of bad events over a window in milliseconds. */
export function badName(ms: number): string {
  return badCount(formatDuration(ms));
}

/** Recorded count of all events over a window in milliseconds. */
export function totalName(ms: number): string {
  return totalCount(formatDuration(ms));
}
