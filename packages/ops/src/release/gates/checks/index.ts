import { failed, type Gate, passed, unknown } from "../gate.ts";

/** What runs now is healthy: a release onto something broken hides what broke it. */
export const checks: Gate = {
  name: "checks",
  title: "What is deployed now is healthy",
  looksAt: ({ url }) => `The checks of the configuration, against what answers at ${url} now.`,
  mend: "Mend what is deployed first, or roll it back: a release on top of it hides the cause.",
  command: "seakeep check",
  async run({ facts, signal }) {
    const report = await facts.checks(signal);
    const results = report.checks.map(({ name, verdict, reason, attempts }) => ({
      ...{ name, verdict, reason },
      attempts: attempts.length,
    }));
    const evidence = { url: report.url, startedAt: report.startedAt, checks: results };
    const open = results.filter(({ verdict }) => verdict !== "passed");
    // Nothing at all is no pass, whatever the report calls itself.
    if (results.length === 0) return unknown("No check was run.", "Configure at least one check.", evidence);
    if (open.length === 0) return passed(`${results.length} checks passed at ${report.url}.`, evidence);
    const worst = open.find(({ verdict }) => verdict === "failed") ?? open[0]!;
    const say = worst.verdict === "failed" ? failed : unknown;
    const more = open.length > 1 ? ` (and ${open.length - 1} more)` : "";
    return say(`${worst.name}: ${worst.reason}${more}`, "Run `seakeep check` for the whole story.", evidence);
  },
};
