// biome-ignore lint/correctness/noUndeclaredDependencies: a suite for tests, never shipped; vitest is the workspace's
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BEGINNING, HISTORIES } from "./histories.testkit.ts";
import type { Reading, SampledSeries, Signals, Span } from "./signals.ts";

const at = (seconds: number): Date => new Date(BEGINNING + Math.round(seconds * 1000));
const span = ([from, to]: readonly [number, number]): Span => ({ from: at(from), to: at(to) });

/** `a /courses`: what tells the series of one history apart. */
const name = ({ labels }: Reading): string =>
  [labels.instance, labels.path_template].filter((part) => part !== undefined).join(" ");

/**
 * What every source owes: the same numbers for the same histories.
 *
 * @param open a source that has recorded every history, asked after all of them
 */
export function conforms(open: () => Promise<Signals>): void {
  let signals: Signals;
  beforeAll(async () => {
    signals = await open();
  });
  afterAll(async () => {
    await signals.close();
    await signals.close();
  });

  describe.each(HISTORIES)("$name", ({ questions }) => {
    test.each(questions.map((question) => [`${question.ask} in ${question.span.join(" to ")} s`, question]))(
      "%s",
      async (_title, { ask, selector, span: seconds, values, coverage }) => {
        const readings = await signals[ask](selector, span(seconds));
        const answered = Object.fromEntries(readings.map((reading) => [name(reading), reading.value]));
        expect(Object.keys(answered).sort()).toEqual(Object.keys(values).sort());
        for (const [series, value] of Object.entries(values)) expect(answered[series]).toBeCloseTo(value, 9);
        for (const reading of readings) {
          expect(reading.coverage).toBeGreaterThanOrEqual(0);
          expect(reading.coverage).toBeLessThanOrEqual(1);
        }
        if (coverage !== undefined) {
          expect(Math.abs((await signals.coverage(selector, span(seconds))) - coverage)).toBeLessThan(0.01);
        }
      },
    );
  });

  test("samples are those that were scraped, oldest first", async () => {
    const selector = { metric: "http_requests_in_flight", labels: { job: "stale" } };
    const [series, ...others] = await signals.samples(selector, span([30, 90]));
    expect(others).toEqual([]);
    const { labels, times, values } = series as SampledSeries;
    expect(labels).toEqual({ job: "stale", instance: "a" });
    expect(Array.from(times)).toEqual([30, 45, 60, 75].map((seconds) => at(seconds).getTime()));
    expect(Array.from(values)).toEqual([2, 3, 4, 5]);
  });

  test("refuses a span that does not end after it begins", async () => {
    const selector = { metric: "up", labels: { job: "steady" } };
    await expect(signals.increase(selector, span([60, 60]))).rejects.toThrow(RangeError);
    await expect(signals.latest(selector, span([60, 0]))).rejects.toThrow(RangeError);
  });

  test("can be interrupted", async () => {
    const selector = { metric: "http_requests_total", labels: { job: "long" } };
    const asked = signals.increase(selector, span([0, 13 * 3600]), AbortSignal.abort());
    await expect(asked).rejects.toThrow(/abort/i);
  });
}
