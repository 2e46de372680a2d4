import { NAMES, type Service } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import { type GeneratedFile, headerLines } from "../file.ts";
import type { Timing } from "../timing.ts";
import { budgetAlerts, presenceAlerts, routing } from "./alerts.ts";
import { promises } from "./promises.ts";
import { sloDetails, whereItHurts } from "./queries.ts";
import { code, escaped, inWords, table } from "./words.ts";

/** The SLO document: for the people who are paged, and for those who ask what the service promises. */
export function docs(ops: Ops, timing: Timing): GeneratedFile[] {
  const { service } = ops;
  const parts = [
    `<!--\n${headerLines(service, timing).join("\n")}\n-->\n`,
    `# ${service.name}\n`,
    head(service, timing),
    promises(service, timing),
    budgetAlerts(service, timing),
    presenceAlerts(service, timing),
    routing(ops, timing),
    sloDetails(service, timing),
    whereItHurts(service),
    recovery(service),
    securityEvents(service),
  ];
  return [{ path: "docs/slo.md", content: parts.filter((part) => part !== "").join("\n") }];
}

function head(service: Service, { scale, scaleText, period }: Timing): string {
  const facts = [
    `Owner: **${escaped(service.owner)}**`,
    `Period: **${inWords(period)}**`,
    `Declaration: ${code(service.hash)}`,
    ...(service.runbooks === undefined ? [] : [`[Runbooks](${service.runbooks})`]),
  ];
  const rehearsal = `\n> **Rehearsal.** Every window, interval and wait here is ${scaleText} of its length.\n`;
  return `${facts.join(" · ")}\n${scale === 1 ? "" : rehearsal}`;
}

function recovery({ recovery: targets }: Service): string {
  if (targets === undefined) return "";
  return `## Recovery

${table(
  ["Target", "At most", "Meaning"],
  [
    ["RPO", inWords(targets.rpo), "of data may be lost in a disaster"],
    ["RTO", inWords(targets.rto), "until the service is back from its backup"],
  ],
)}
`;
}

function securityEvents({ audit }: Service): string {
  const anywhere = `Every answer 401, 403 or 429 is a security event, counted by ${code(NAMES.metrics.securityEvents)} and logged at level warn.`;
  const sensitive =
    audit.sensitive.length === 0
      ? ""
      : `\nOn these paths every answer of 400 and above is one:\n\n${audit.sensitive.map((path) => `- ${code(path)}`).join("\n")}\n`;
  return `## Security events

${anywhere}
${sensitive}`;
}
