import { inWords } from "../../../generate/docs/words.ts";
import { failed, type Gate, passed, unknown } from "../gate.ts";

/** Nobody is being woken up for this service. */
export const pages: Gate = {
  name: "pages",
  title: "No page fires",
  looksAt: ({ service }) =>
    `The alerts of ${service.name}: none of severity \`page\` fires. Rules must be seen to be evaluated: where none is, nothing ever fires.`,
  mend: "Bring the service back first; its runbook is in the alert.",
  command: "seakeep release check --json",
  async run({ facts, now, signal }) {
    const alerts = await facts.alerts(signal);
    if (alerts === undefined) {
      return unknown(
        "Nothing is configured that knows of alerts.",
        'Name your Prometheus: `signals: prometheus(env("PROMETHEUS_URL"))`.',
      );
    }
    const { by, firing } = alerts;
    if (firing === undefined) {
      return by === "rules"
        ? unknown(
            "No rule of this service is evaluated there, so that no page could fire.",
            "Load generated/prometheus/rules.yml into that Prometheus.",
            { by },
          )
        : unknown(
            "Too little was seen lately to tell whether a page would fire.",
            "Find out why nothing is measured: is the service scraped, and does it have traffic?",
            { by },
          );
    }
    const told = firing.map(({ name, labels, since }) => ({
      ...{ name, severity: labels.severity ?? "", slo: labels.slo ?? "" },
      since: since.toISOString(),
    }));
    const evidence = { by, firing: told };
    const [page] = firing.filter(({ labels }) => labels.severity === "page");
    if (page !== undefined) {
      const count = told.filter(({ severity }) => severity === "page").length;
      const age = Math.max(0, now().getTime() - page.since.getTime());
      return failed(
        `${page.name}${page.labels.slo ? ` of ${page.labels.slo}` : ""} has been paging for ${inWords(age)}${count > 1 ? `, and ${count - 1} more` : ""}.`,
        "Bring the service back before changing it further.",
        evidence,
      );
    }
    const tickets = told.length === 0 ? "" : ` (${told.length} of lower severity)`;
    return passed(`No page fires${tickets}.`, evidence);
  },
};
