import { formatDuration } from "@seakeep/contract";
import { loadConfig } from "../../config/load.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { Paint } from "../../print.ts";
import { openSignals } from "../../signals/open.ts";
import { type BudgetState, readBudget } from "../../signals/slo/budget.ts";
import { type CommonVerbOptions, examples, type Verb } from "../../verb.ts";

/** `seakeep signals budget`: how much of each error budget is left, as of now. */
export const budget: Verb<CommonVerbOptions> = {
  define(command) {
    command.addHelpText(
      "after",
      `${examples([
        ["seakeep signals budget", "What is left of each SLO's error budget, and whether a page would fire."],
        [
          "seakeep signals budget --json | jq '.budgets[] | select(.left < 0.1)'",
          "Those that are nearly gone.",
        ],
      ])}\nExit codes: 0 every budget has some left, 1 one is gone or pages, 2 usage, 3 could not tell.\n`,
    );
  },
  async run(options, { cwd, environment, output, signal }) {
    const { ops } = await loadConfig({ file: options.config, cwd, environment });
    const signals = await openSignals(ops, environment);
    try {
      const now = new Date();
      const states: BudgetState[] = [];
      for (const slo of ops.service.slos) {
        output.status(`reading ${slo.name}`);
        states.push(await readBudget({ signals, service: ops.service, signal }, slo, now));
      }
      output.result({ at: now, budgets: states.map(document) }, () =>
        text(states, ops.service.window, output.paint),
      );
      return verdict(states);
    } finally {
      await signals.close();
    }
  },
};

const pages = ({ burns }: BudgetState): boolean => burns.some(({ exceeded }) => exceeded === true);

function verdict(states: readonly BudgetState[]): ExitCode {
  if (states.some((state) => (state.spent ?? 0) >= 1 || pages(state))) return EXIT.failed;
  return states.every(({ spent }) => spent !== undefined) ? EXIT.passed : EXIT.unknown;
}

function document(state: BudgetState): unknown {
  const { slo, count, spent, burns } = state;
  return {
    slo: slo.name,
    sentence: slo.sentence,
    ...(count ?? {}),
    ...(spent === undefined ? {} : { spent, left: 1 - spent }),
    pages: pages(state),
    burns: burns.map(({ window, long, short, exceeded }) => ({
      window: formatDuration(window.long),
      threshold: window.factor,
      ...{ long, short, exceeded },
    })),
  };
}

function text(states: readonly BudgetState[], period: number, paint: Paint): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const lines = states.map((state) => {
    const { slo, count, spent } = state;
    if (count === undefined) return `${paint("yellow", "unknown")}  ${slo.name}: nothing was seen of it`;
    const seen = `${count.bad} of ${count.total} ${slo.events} bad, ${percent(count.coverage)} of the time seen`;
    if (spent === undefined) return `${paint("yellow", "unknown")}  ${slo.name}: no ${slo.events}, ${seen}`;
    const gone = spent >= 1 || pages(state);
    const word = gone ? paint("red", "gone   ") : paint("green", "left   ");
    return `${word}  ${slo.name}: ${percent(1 - spent)} of the ${formatDuration(period)} budget left (${seen})${pages(state) ? "; it pages" : ""}`;
  });
  return lines.join("\n");
}
