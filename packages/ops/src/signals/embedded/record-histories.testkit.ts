import { BEGINNING, HISTORIES } from "../histories.testkit.ts";
import { openRecorder } from "./recorder.ts";
import type { ScrapedSample } from "./samples.ts";

/** Records every history as its scrapes would have been. */
export function recordHistories(path: string): void {
  const recorder = openRecorder({ path, retention: 30 * 86_400_000, now: new Date(BEGINNING) });
  for (const { series } of HISTORIES) {
    for (const [key, scrapes] of byTarget(series)) {
      const [job, instance] = JSON.parse(key) as [string, string];
      for (const [time, samples] of [...scrapes].sort(([a], [b]) => a - b)) {
        recorder.record({ job, instance }, BEGINNING + Math.round(time * 1000), samples);
      }
    }
  }
  recorder.close();
}

function byTarget(series: (typeof HISTORIES)[number]["series"]): Map<string, Map<number, ScrapedSample[]>> {
  const targets = new Map<string, Map<number, ScrapedSample[]>>();
  for (const { metric, labels: all, points } of series) {
    const { job, instance, ...labels } = all;
    const key = JSON.stringify([job, instance]);
    const scrapes = targets.get(key) ?? new Map<number, ScrapedSample[]>();
    targets.set(key, scrapes);
    for (const [time, value] of points) {
      scrapes.set(time, [...(scrapes.get(time) ?? []), { metric, labels, value }]);
    }
  }
  return targets;
}
