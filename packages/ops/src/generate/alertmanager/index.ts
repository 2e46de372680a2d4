import { formatDuration, NAMES, quote, type Severity, type Slo } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import { ALERTS } from "../alerts.ts";
import { type GeneratedFile, headerLines, yamlFile } from "../file.ts";
import type { Timing } from "../timing.ts";
import { PACE } from "./pace.ts";

/** What Alertmanager reads: who is told what, and what is left out because something worse says it already. */
export function alertmanager(ops: Ops, timing: Timing): GeneratedFile[] {
  const config = {
    route: {
      // What nobody foresaw is at least a ticket.
      receiver: "ticket",
      // One incident of a service is one notification, whichever of its SLOs it touches.
      group_by: [NAMES.rules.service],
      ...pace("ticket", timing),
      routes: [
        {
          matchers: [`${NAMES.rules.severity}="page"`],
          receiver: "page",
          ...pace("page", timing),
        },
      ],
    },
    inhibit_rules: inhibitRules(ops.service.slos),
    receivers: [
      { name: "page", ...ops.alerting?.page.config },
      { name: "ticket", ...ops.alerting?.ticket.config },
    ],
  };
  return [yamlFile("alertmanager/alertmanager.yml", headerLines(ops.service, timing), config)];
}

function pace(severity: Severity, { span }: Timing): Record<string, string> {
  const { wait, interval, repeat } = PACE[severity];
  return {
    group_wait: formatDuration(span(wait)),
    group_interval: formatDuration(span(interval)),
    repeat_interval: formatDuration(span(repeat)),
  };
}

function inhibitRules(slos: readonly Slo[]): unknown[] {
  const { service, slo, severity } = NAMES.rules;
  const reported = slos.filter(({ probe }) => probe === undefined).map(({ name }) => name);
  const rules: unknown[] = [
    {
      source_matchers: [`alertname=${quote(ALERTS.burn)}`, `${severity}="page"`],
      target_matchers: [`alertname=${quote(ALERTS.burn)}`, `${severity}="ticket"`],
      equal: [service, slo],
    },
  ];
  if (reported.length > 0) {
    rules.push({
      // What a dead process last reported about itself adds nothing. The probe, from outside, still speaks.
      source_matchers: [`alertname=~${quote(`${ALERTS.targetDown}|${ALERTS.targetAbsent}`)}`],
      target_matchers: [
        `alertname=~${quote(`${ALERTS.burn}|${ALERTS.metricsMissing}`)}`,
        `${slo}=~${quote(reported.join("|"))}`,
      ],
      equal: [service],
    });
  }
  return rules;
}
