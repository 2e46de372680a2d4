import { budgetSpent, burnWindows, LOWEST_PAGING_OBJECTIVE } from "../budget.ts";
import type { Reporter } from "../problems.ts";
import { errorBudget, formatDuration, round } from "../units.ts";

/** Adds a problem for an objective that is no percentage, or that is to page and never could. */
export function checkObjective(objective: number, page: boolean, period: number, at: Reporter): void {
  if (!(objective > 0 && objective < 100)) {
    at(
      "objective",
      objective,
      "a percentage above 0 and below 100",
      objective >= 100
        ? "Nothing is always up: 100 leaves no error budget. Write what users need, such as 99.9."
        : "Write the percentage of events that must be good, such as 99.9.",
    );
  } else if (objective < 1) {
    at(
      "objective",
      objective,
      "a percentage, not a share of 1",
      objective < 0.5
        ? "Write the percentage of events that must be good, such as 99.9."
        : `Objectives are percentages: write ${round(objective * 100)} for ${objective}.`,
    );
  } else if (page && objective < LOWEST_PAGING_OBJECTIVE) {
    const budget = errorBudget(objective);
    const [fastest] = burnWindows(budget, period);
    const spent = percent(budgetSpent(1, fastest!.long, budget, period));
    at(
      "objective",
      objective,
      `at least ${LOWEST_PAGING_OBJECTIVE} for an SLO that pages`,
      `It can never page: ${round(100 - objective)} % may fail, so even a total outage for ` +
        `${formatDuration(fastest!.long)} spends only ${spent} % of the budget of ${formatDuration(period)}. ` +
        "Raise the objective, or set page: false for tickets only.",
    );
  }
}

/** Two significant digits: for people, not for rules. */
function percent(share: number): number {
  return Number((share * 100).toPrecision(2));
}
