import { budgetSpent, formatDuration, type Service, type Slo, timeToAlert } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import { PACE } from "../alertmanager/pace.ts";
import { ALERTS } from "../alerts.ts";
import { AFTER } from "../prometheus/presence.ts";
import type { Timing } from "../timing.ts";
import { code, escaped, inWords, percentage, table } from "./words.ts";

/** When somebody is told, and how much is lost by then. */
export function budgetAlerts({ slos }: Service, timing: Timing): string {
  return `## When somebody is told

An alert of an SLO, ${code(ALERTS.burn)}, looks at two windows at once: a long one, so that what failed matters, and a short one, so that it still goes on.

${table(
  [
    "SLO",
    "Severity",
    "Failing in both windows",
    "Windows",
    "And at least",
    "Total outage told after",
    "Budget spent by then",
  ],
  slos.flatMap((slo) => rows(slo, timing)),
)}

A smaller share of failures takes longer; one below the lowest ticket line tells nobody, because the promise still holds. Times count from the first failure; scraping and evaluating add up to ${inWords(timing.scrape + timing.fast)}.
`;
}

function rows(slo: Slo, timing: Timing): string[][] {
  return timing
    .burnWindows(slo.budget)
    .filter(({ severity }) => slo.page || severity === "ticket")
    .map((window) => {
      const after = Math.max(timeToAlert(window, 1) ?? Number.POSITIVE_INFINITY, timeToMinimum(slo, timing));
      return [
        slo.name,
        window.severity,
        `more than ${percentage(window.threshold)}`,
        `${formatDuration(window.long)}, ${formatDuration(window.short)}`,
        `${slo.minimumBadEvents} ${slo.events}`,
        inWords(after),
        percentage(budgetSpent(1, after, slo.budget, timing.period)),
      ];
    });
}

/** Probes and samples come at a known pace, so their minimum takes a known time; requests come as they like. */
function timeToMinimum({ events, minimumBadEvents }: Slo, { scrape }: Timing): number {
  return events === "requests" ? 0 : minimumBadEvents * scrape;
}

/** Alerts on what is not there. */
export function presenceAlerts({ slos }: Service, timing: Timing): string {
  const probed = slos.some(({ probe }) => probe !== undefined);
  const reported = slos.some(({ probe }) => probe === undefined);
  const rows = [
    [ALERTS.targetDown, "page", AFTER.page(timing), "no instance answers Prometheus"],
    [ALERTS.targetAbsent, "page", AFTER.page(timing), "Prometheus has no target for the service"],
    [ALERTS.instanceDown, "ticket", AFTER.ticket(timing), "one instance of several does not answer"],
    ...(probed
      ? [
          [
            ALERTS.probeMissing,
            "ticket",
            AFTER.ticket(timing),
            "the probe reports neither success nor failure",
          ],
        ]
      : []),
    ...(reported
      ? [
          [
            ALERTS.metricsMissing,
            "ticket",
            AFTER.data(timing),
            "the service answers, but an SLO has nothing to count",
          ],
        ]
      : []),
    [
      ALERTS.declarationDrift,
      "ticket",
      AFTER.drift(timing),
      "an instance runs another declaration than the rules",
    ],
  ] as const;
  return `A dead process reports no errors, so what is missing has alerts of its own:

${table(
  ["Alert", "Severity", "After", "Because"],
  rows.map(([alert, severity, after, because]) => [
    code(String(alert)),
    String(severity),
    inWords(Number(after)),
    String(because),
  ]),
)}
`;
}

/** Who hears of what, and what is left out because something worse says it already. */
export function routing({ alerting, service }: Ops, { span }: Timing): string {
  const row = (severity: "page" | "ticket") => [
    severity,
    escaped(alerting?.[severity].who ?? "nobody: no alerting is configured"),
    inWords(span(PACE[severity].wait)),
    inWords(span(PACE[severity].repeat)),
  ];
  return `## Who is told

${table(["Severity", "Who", "First notice after", "Repeats after"], [row("page"), row("ticket")])}

All alerts of ${service.name} with one severity are one notification. Everybody also hears when it is over. Left out:

- the ticket of an SLO while its page is out,
- what the service last said about itself while ${code(ALERTS.targetDown)} or ${code(ALERTS.targetAbsent)} is out; its probe, from outside, still speaks.
`;
}
