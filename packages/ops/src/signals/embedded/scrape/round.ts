import type { Recorded, Recorder } from "../recorder.ts";
import type { RequestOptions } from "./request.ts";
import { scrape, type Target } from "./target.ts";

/** What became of one target in one round. */
export interface TargetOutcome extends Recorded {
  readonly job: string;
  readonly instance: string;
  readonly samples: number;
  /** Why nothing was scraped; the gap is recorded. */
  readonly problem?: string;
}

/** The edges of a round. */
export interface RoundOptions extends RequestOptions {
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
}

/** Scrapes every target once, at the same time, and records what came. */
export async function scrapeRound(
  targets: readonly Target[],
  recorder: Recorder,
  options: RoundOptions,
): Promise<readonly TargetOutcome[]> {
  const time = options.wall();
  const scraped = await Promise.all(targets.map((target) => scrape(target, options)));
  return targets.map(({ identity }, index) => {
    const { samples, problem } = scraped[index]!;
    const recorded = recorder.record(identity, time, samples);
    return {
      job: identity.job,
      instance: identity.instance,
      samples: samples.length,
      ...recorded,
      ...(problem === undefined ? {} : { problem }),
    };
  });
}
