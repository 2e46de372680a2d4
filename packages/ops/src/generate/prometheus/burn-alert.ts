import { type BurnWindow, formatDuration, NAMES, type Severity } from "@seakeep/contract";
import { ALERTS } from "../alerts.ts";
import { type AlertingRule, badName, type RuleContext, ratioName } from "./rule.ts";

/**
 * The alert of one severity: enough budget burned to matter in a long window, still burning in its short one, and
 * enough bad events to mean something (SRE workbook, chapter 5). `undefined` when the SLO has none of that severity.
 */
export function burnAlert(context: RuleContext, severity: Severity): AlertingRule | undefined {
  const { slo, service, timing } = context;
  if (severity === "page" && !slo.page) return undefined;
  const windows = timing.burnWindows(slo.budget).filter((window) => window.severity === severity);
  return {
    alert: ALERTS.burn,
    expr: windows.map((window) => condition(context, window)).join("\nor\n"),
    labels: {
      [NAMES.rules.service]: service.name,
      [NAMES.rules.slo]: slo.name,
      [NAMES.rules.severity]: severity,
    },
    annotations: {
      summary: `${service.name}: {{ $value | humanizePercentage }} of ${slo.bad}`,
      description: `Promised: ${slo.sentence}. ${budgetLeft(context)}`,
      ...runbook(context),
    },
  };
}

/** The first operand gives the alert its value: the share of bad events now. */
function condition({ slo, series }: RuleContext, { long, short, threshold }: BurnWindow): string {
  return [
    `(${series(ratioName(short))} > ${threshold}`,
    `  and ${series(ratioName(long))} > ${threshold}`,
    `  and ${series(badName(long))} >= ${slo.minimumBadEvents})`,
  ].join("\n");
}

/** Share of the budget left and time until it is gone, as they are when the alert is read. */
function budgetLeft({ slo, timing, series }: RuleContext): string {
  const period = formatDuration(timing.period);
  // Also when Prometheus has only just come back and the rule that records it has not run yet.
  const remaining = `last_over_time(${series(NAMES.rules.remaining)}[${formatDuration(3 * timing.slow)}])`;
  // `remaining` periods' worth of budget, spent at the share of bad events that the alert saw, in whole minutes.
  const worth = (timing.period / 1000) * slo.budget;
  const left = template(`round(${remaining}, 0.001)`);
  const gone = `{{ with printf ${goString(`round(${remaining} * ${worth} / %g, ${timing.scale === 1 ? 60 : 1})`)} $value | query }}`;
  return (
    `{{ with ${left} }}{{ if gt (. | first | value) 0.0 }}` +
    `{{ . | first | value | humanizePercentage }} of the ${period} error budget is left` +
    `{{ else }}The ${period} error budget is spent{{ end }}` +
    `{{ else }}How much of the ${period} error budget is left is not known yet{{ end }}` +
    `${gone}{{ if gt (. | first | value) 0.0 }}; at this rate it is gone in {{ . | first | value | humanizeDuration }}{{ end }}{{ end }}.`
  );
}

function template(query: string): string {
  return `query ${goString(query)}`;
}

/** A Go string literal. Backquotes need no escapes; no name that Seakeep accepts contains one. */
function goString(text: string): string {
  return `\`${text}\``;
}

function runbook({ service, slo }: RuleContext): { runbook_url?: string } {
  return service.runbooks === undefined ? {} : { runbook_url: `${service.runbooks}#${slo.name}` };
}
