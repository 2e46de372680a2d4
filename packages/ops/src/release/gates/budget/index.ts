import { percentage } from "../../../generate/docs/words.ts";
import { failed, type Gate, passed, unknown } from "../gate.ts";

/** Share of the period that must have been seen: less of it, and what was spent before is anybody's guess. */
const LEAST_SEEN = 0.1;

/** There is budget to spend: a release is a risk that is paid from it (SRE workbook, chapter 2). */
export const budget: Gate = {
  name: "budget",
  title: "Error budget is left",
  looksAt: ({ service, release }) =>
    `The error budget of each SLO of ${service.name}: more than ${percentage(release.budgetLeft)} of it is left over the period, of which at least ${percentage(LEAST_SEEN)} was seen.`,
  mend: "Ship only what makes the service more reliable until the budget has recovered, or override it with a reason.",
  command: "seakeep release check --json",
  async run({ ops, facts, signal }) {
    const budgets = await facts.budgets(signal);
    if (budgets === undefined) {
      return unknown(
        "Nothing is configured that measures the SLOs.",
        'Name your Prometheus: `signals: prometheus(env("PROMETHEUS_URL"))`.',
      );
    }
    const least = ops.release.budgetLeft;
    const evidence = { least, budgets };
    const spent = budgets.filter(({ left }) => left !== undefined && left <= least);
    const [worst] = spent.toSorted((a, b) => a.left! - b.left!);
    if (worst !== undefined) {
      return failed(
        `${worst.slo} has ${percentage(Math.max(0, worst.left!))} of its error budget left${worst.left! < 0 ? ", and is overspent" : ""}; more than ${percentage(least)} is asked for.`,
        "Ship only what makes the service more reliable until it has recovered.",
        evidence,
      );
    }
    const unseen = budgets.filter(({ count }) => count === undefined).map(({ slo }) => slo);
    // An SLO of a route that nobody called has spent nothing. Where nothing at all happened, nothing was measured.
    const counted = budgets.filter(({ count }) => count !== undefined && count.total > 0);
    if (unseen.length > 0 || counted.length === 0) {
      return unknown(
        unseen.length > 0
          ? `Nothing was seen of ${unseen.join(", ")} in the period.`
          : "Nothing happened in the period that could be counted.",
        "Find out why nothing is measured: is the service scraped, and does it have traffic?",
        evidence,
      );
    }
    // Of the SLO that was seen most: a route that was first called yesterday does not hide the rest.
    const seen = Math.max(...counted.map(({ count }) => count!.coverage));
    if (seen < LEAST_SEEN) {
      return unknown(
        `Only ${percentage(seen)} of the period was seen, and the rest may have spent everything.`,
        "Let it be measured for longer, or waive it where the service is young.",
        evidence,
      );
    }
    const [lowest] = counted.toSorted((a, b) => a.left! - b.left!);
    return passed(`The least that is left is ${percentage(lowest!.left!)}, of ${lowest!.slo}.`, evidence);
  },
};
