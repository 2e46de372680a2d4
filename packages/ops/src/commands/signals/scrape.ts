import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { formatDuration, milliseconds, SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError } from "commander";
import { loadConfig } from "../../config/load.ts";
import type { Ops } from "../../config/ops.ts";
import { readSecret } from "../../config/values.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { Output } from "../../print.ts";
import { type EmbeddedSettings, isEmbedded } from "../../signals/embedded/index.ts";
import { openRecorder } from "../../signals/embedded/recorder.ts";
import { every } from "../../signals/embedded/scrape/every.ts";
import { type RoundOptions, scrapeRound, type TargetOutcome } from "../../signals/embedded/scrape/round.ts";
import { targetsOf } from "../../signals/embedded/scrape/target.ts";
import { type CommonVerbOptions, examples, type Invocation, type Verb } from "../../verb.ts";

interface ScrapeOptions extends CommonVerbOptions {
  readonly every?: number;
  readonly once?: boolean;
}

const LARGEST = 16 * 2 ** 20;
const LONGEST_TIMEOUT = 10_000;

/** `seakeep signals scrape`: fills the file of `embedded({ path })` with what the service tells of itself. */
export const scrape: Verb<ScrapeOptions> = {
  define(command) {
    command
      .option("--every <duration>", "between two scrapes (default: prometheus.scrapeInterval)", interval)
      .option("--once", "scrape once and end, for a scheduler; otherwise until it is interrupted")
      .addHelpText(
        "after",
        examples([
          ["seakeep signals scrape", "Scrape every instance and probe its health until interrupted."],
          ["seakeep signals scrape --every 15s", "More often than the configuration says."],
          ["seakeep signals scrape --once --json", "From cron: one scrape, and what came of it."],
        ]) +
          "\nExit codes: 0 every target was scraped, 3 a target did not answer (both with --once), 2 usage, 130 interrupted.\n",
      );
  },
  async run(options, invocation) {
    const { cwd, environment, output, signal } = invocation;
    const { ops } = await loadConfig({ file: options.config, cwd, environment });
    const settings = embeddedOf(ops);
    await mkdir(dirname(settings.where), { recursive: true }).catch((cause: unknown) => {
      throw new SeakeepError("SK-SIGNALS-013", `The folder of ${settings.where} could not be made.`, {
        cause,
      });
    });
    const recorder = openRecorder({ path: settings.where, retention: settings.retention, now: new Date() });
    try {
      if (recorder.setAside !== undefined) {
        output.note(
          `warning: ${settings.where} was damaged; it is now ${recorder.setAside}. A new one is begun.`,
        );
      }
      const targets = targetsOf(ops);
      const pause = options.every ?? ops.prometheus.scrapeInterval;
      const edges = await edgesOf(ops, invocation, pause);
      const round = () => scrapeRound(targets, recorder, edges);
      if (options.once) return finish(await round(), output);
      output.note(
        `Scraping ${targets.length} targets every ${formatDuration(pause)} into ${settings.where}; end it with Ctrl-C.`,
      );
      const told = new Map<string, string>();
      const clock = {
        now: edges.now,
        sleep: (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined),
      };
      await every(pause, async () => tellChanges(await round(), told, output), clock, signal);
      return EXIT.interrupted;
    } finally {
      recorder.close();
    }
  },
};

function embeddedOf(ops: Ops): EmbeddedSettings {
  if (isEmbedded(ops.signals)) return ops.signals;
  const code = ops.signals === undefined ? "SK-SIGNALS-001" : "SK-SIGNALS-012";
  throw new SeakeepError(code, "The configuration has no signals: embedded({ path }) to fill.");
}

async function edgesOf(ops: Ops, { environment, signal }: Invocation, pause: number): Promise<RoundOptions> {
  const { token } = ops.metrics;
  return {
    fetch,
    token: token && (await readSecret(token, environment, (path) => readFile(path, "utf8"))),
    timeout: Math.min(LONGEST_TIMEOUT, Math.floor(pause * 0.9)),
    largest: LARGEST,
    signal,
    wall: Date.now,
    now: () => performance.now(),
  };
}

function finish(outcomes: readonly TargetOutcome[], output: Output): ExitCode {
  output.result({ targets: outcomes }, () => outcomes.map(sentence).join("\n"));
  return outcomes.every(({ problem, stored }) => problem === undefined && stored)
    ? EXIT.passed
    : EXIT.unknown;
}

/** A line when something of a target changes, not one a scrape. */
function tellChanges(outcomes: readonly TargetOutcome[], told: Map<string, string>, output: Output): void {
  for (const outcome of outcomes) {
    const { job, instance, problem, stored, dropped } = outcome;
    const key = `${job} ${instance}`;
    const state = JSON.stringify([problem, stored, dropped > 0]);
    if (told.get(key) === state) continue;
    told.set(key, state);
    output.note(sentence(outcome));
  }
}

function sentence({ job, instance, samples, problem, stored, dropped }: TargetOutcome): string {
  const where = `${job} ${instance}`;
  if (!stored) return `${where}: not stored, the clock is behind the last scrape`;
  if (problem !== undefined) return `${where}: a gap, ${problem}`;
  return `${where}: ${samples} samples${dropped > 0 ? `, ${dropped} left out: too many series` : ""}`;
}

function interval(text: string): number {
  const parsed = milliseconds(text);
  if (parsed !== undefined && parsed >= 1000 && parsed <= 300_000) return parsed;
  throw new InvalidArgumentError('It must be a duration from "1s" to "5m".');
}
