import { setTimeout as delay } from "node:timers/promises";
import { SeakeepError } from "@seakeep/contract";
import type { VerdictName } from "../../checks/check.ts";
import type { CheckReport } from "../../checks/report.ts";
import { runLines } from "../../checks/watch/line.ts";
import { afterRun, exposition, NO_RUN } from "../../checks/watch/metrics.ts";
import { watch } from "../../checks/watch/watch.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import { type Address, listen } from "../../system/listen.ts";
import type { Invocation } from "../../verb.ts";

/** What `--watch` is told. */
export interface WatchVerbOptions {
  readonly everyMs: number;
  readonly listen?: Address;
  /** Name for the metrics. */
  readonly service: string;
}

/** Runs checks until the signal, prints a line for each run, and serves the metrics of the last. */
export async function watchChecks(
  run: () => Promise<CheckReport>,
  { everyMs, listen: address, service }: WatchVerbOptions,
  { output, signal }: Pick<Invocation, "output" | "signal">,
): Promise<ExitCode> {
  let state = NO_RUN;
  const onRun = (report: CheckReport, skipped: number) => {
    const before = new Map<string, VerdictName>(
      state.latest?.checks.map(({ name, verdict }) => [name, verdict]),
    );
    state = afterRun(state, report, skipped, Date.now() / 1000);
    const left = skipped === 1 ? "1 run was" : `${skipped} runs were`;
    if (skipped > 0) output.note(`${left} left out: the one before took too long`);
    output.item(report, () => runLines(report, before, output.paint));
  };
  const ending = new AbortController();
  const both = AbortSignal.any([signal, ending.signal]);
  const edges = {
    now: () => performance.now(),
    wait: (ms: number, until: AbortSignal) =>
      delay(Math.max(ms, 0), undefined, { signal: until }).catch(() => {}),
  };
  const page = async () => exposition(state, service);
  const serving = address === undefined ? undefined : serve(address, page, both, output.note);
  try {
    const watching = watch(run, onRun, { everyMs, signal: both }, edges);
    await (serving === undefined ? watching : Promise.all([watching, serving]));
  } finally {
    ending.abort();
  }
  return EXIT.interrupted;
}

async function serve(
  address: Address,
  page: () => Promise<string>,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<void> {
  const onListening = (url: string) => note(`listening on ${url}; Ctrl-C ends it`);
  await listen(address, page, { signal, onListening }).catch((error: NodeJS.ErrnoException) => {
    throw new SeakeepError("SK-CHECK-010", `Nothing can listen there: ${error.message}.`);
  });
}
