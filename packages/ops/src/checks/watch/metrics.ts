import { NAMES } from "@seakeep/contract";
import type { VerdictName } from "../check.ts";
import type { CheckReport } from "../report.ts";

const { metrics, labels } = NAMES;
const VERDICTS: readonly VerdictName[] = ["passed", "failed", "unknown"];

/** What a watch knows of its runs so far. */
export interface WatchState {
  readonly latest: CheckReport | undefined;
  /** Seconds since the epoch, when the latest ended. */
  readonly endedAt: number;
  readonly runs: Readonly<Record<VerdictName, number>>;
  readonly skipped: number;
}

/** Before the first run: nothing is known, and nothing is said of any check. */
export const NO_RUN: WatchState = {
  latest: undefined,
  endedAt: 0,
  runs: { passed: 0, failed: 0, unknown: 0 },
  skipped: 0,
};

/** The state after one more run. */
export function afterRun(
  state: WatchState,
  report: CheckReport,
  skipped: number,
  endedAt: number,
): WatchState {
  return {
    latest: report,
    endedAt,
    runs: { ...state.runs, [report.verdict]: state.runs[report.verdict] + 1 },
    skipped: state.skipped + skipped,
  };
}

/**
 * The state as Prometheus reads it. A check has one series a verdict, of which one is 1: a check that could not tell
 * reads neither as passed nor as failed.
 *
 * @param service name of the service, or the host where there is no configuration
 */
export function exposition({ latest, endedAt, runs, skipped }: WatchState, service: string): string {
  const own = { [labels.service]: service };
  const checks = latest?.checks ?? [];
  const families: Family[] = [
    {
      name: metrics.checkStatus,
      type: "gauge",
      help: "1 for the verdict of the last run of a check, 0 for the others.",
      samples: checks.flatMap(({ name, verdict }) =>
        VERDICTS.map((one) => [
          { ...own, [labels.check]: name, [labels.verdict]: one },
          Number(one === verdict),
        ]),
      ),
    },
    {
      name: metrics.checkDuration,
      type: "gauge",
      help: "How long the last run of a check took, all attempts together.",
      samples: checks.map(({ name, durationMs }) => [{ ...own, [labels.check]: name }, durationMs / 1000]),
    },
    {
      name: metrics.checkAttempts,
      type: "gauge",
      help: "Attempts of the last run of a check.",
      samples: checks.map(({ name, attempts }) => [{ ...own, [labels.check]: name }, attempts.length]),
    },
    {
      name: metrics.checkRuns,
      type: "counter",
      help: "Runs of all checks together, by their verdict.",
      samples: VERDICTS.map((verdict) => [{ ...own, [labels.verdict]: verdict }, runs[verdict]]),
    },
    {
      name: metrics.checkRunsSkipped,
      type: "counter",
      help: "Runs left out because the one before was still under way.",
      samples: [[own, skipped]],
    },
    {
      name: metrics.checkLastRun,
      type: "gauge",
      help: "When the last run ended, in seconds since the epoch.",
      samples: latest === undefined ? [] : [[own, endedAt]],
    },
  ];
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(lines)
    .join("");
}

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

function lines({ name, type, help, samples }: Family): string[] {
  return [
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
    ...samples.map(([own, value]) => {
      const pairs = Object.entries(own).map(([label, text]) => `${label}="${escaped(text)}"`);
      return `${name}{${pairs.join(",")}} ${value}\n`;
    }),
  ];
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
