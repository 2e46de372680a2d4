import { SeakeepError } from "@seakeep/contract";
import { Growth, Presence } from "./folds.ts";
import type { Reading, SampledSeries, Selector, Signals, Span } from "./signals.ts";

/** Where samples come from; what is asked of them is the same everywhere. */
export interface SampleSource {
  /**
   * The samples of the selected series within the span, in as many pieces as the source likes: those of one series come
   * in order, and a piece is no longer needed once the next is asked for.
   */
  pieces(selector: Selector, span: Span, signal?: AbortSignal): AsyncIterable<SampledSeries>;
}

type Labels = SampledSeries["labels"];

/** Three scrapes: one lost scrape is not a gap, three in a row are. */
const SCRAPES_PER_GAP = 3;

/** Longest time between two samples that still belong together, milliseconds. */
export function longestGap(scrapeInterval: number): number {
  return SCRAPES_PER_GAP * scrapeInterval;
}

/** Samples that are held at once, 16 bytes each: a hundred gauges over a month at fifteen seconds. */
const MOST_SAMPLES = 20_000_000;

/** The questions of {@link Signals} that samples answer. */
export type Questions = Pick<Signals, "increase" | "maximum" | "latest" | "samples" | "coverage">;

/**
 * Answers from samples.
 *
 * @param gap longest time between two samples that still belong together, milliseconds
 */
export function questions(source: SampleSource, gap: number): Questions {
  /** Runs through the samples, with a state of its own for each series. */
  async function fold<State>(
    ask: { selector: Selector; span: Span; signal: AbortSignal | undefined },
    begin: (piece: SampledSeries) => State,
    add: (state: State, value: number, time: number) => void,
  ): Promise<readonly { labels: Labels; state: State; presence: Presence }[]> {
    const series = new Map<string, { labels: Labels; state: State; presence: Presence }>();
    for await (const piece of source.pieces(ask.selector, checked(ask.span), ask.signal)) {
      const { labels, times, values } = piece;
      if (times.length === 0) continue;
      const key = seriesKey(labels);
      const entry = series.get(key) ?? { labels, state: begin(piece), presence: new Presence(ask.span, gap) };
      series.set(key, entry);
      for (let index = 0; index < times.length; index++) {
        entry.presence.add(times[index]!);
        add(entry.state, values[index]!, times[index]!);
      }
    }
    return [...series.values()];
  }

  return {
    async increase(selector, span, signal) {
      const scraped = await firstScrapes(source, selector, span, signal);
      const folded = await fold(
        { selector, span, signal },
        ({ labels, times }) => new Growth(isNew(labels, times[0]!, scraped) ? 0 : undefined),
        (growth, value) => growth.add(value),
      );
      return folded.flatMap(({ labels, state, presence }) => reading(labels, state.total, presence));
    },
    async maximum(selector, span, signal) {
      const folded = await fold(
        { selector, span, signal },
        () => ({ most: undefined as number | undefined }),
        (state, value) => {
          if (!Number.isNaN(value)) state.most = Math.max(state.most ?? value, value);
        },
      );
      return folded.flatMap(({ labels, state, presence }) => reading(labels, state.most, presence));
    },
    async latest(selector, span, signal) {
      const folded = await fold(
        { selector, span, signal },
        () => ({ last: undefined as number | undefined }),
        (state, value) => {
          state.last = value;
        },
      );
      return folded.flatMap(({ labels, state, presence }) => reading(labels, state.last, presence));
    },
    async samples(selector, span, signal) {
      let count = 0;
      const folded = await fold(
        { selector, span, signal },
        () => ({ times: [] as number[], values: [] as number[] }),
        ({ times, values }, value, time) => {
          count += 1;
          if (count > MOST_SAMPLES) throw tooMuch(selector);
          times.push(time);
          values.push(value);
        },
      );
      return folded.map(({ labels, state }) => ({ labels, ...state }));
    },
    async coverage(selector, span, signal) {
      const folded = await fold(
        { selector, span, signal },
        () => undefined,
        () => {},
      );
      return Presence.share(folded.map(({ presence }) => presence));
    },
  };
}

/** Tells series apart: their labels, in order. */
export function seriesKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function reading(labels: Labels, value: number | undefined, presence: Presence): Reading[] {
  return value === undefined ? [] : [{ labels, value, coverage: Presence.share([presence]) }];
}

/** When each target was first scraped within the span, by its key. */
export type FirstScrapes = ReadonlyMap<string, number>;

/** Asks for `up`, which every scrape leaves behind, whatever came of it. */
export async function firstScrapes(
  source: SampleSource,
  selector: Selector,
  span: Span,
  signal?: AbortSignal,
): Promise<FirstScrapes> {
  const { job, instance } = selector.labels ?? {};
  const labels = { ...(job === undefined ? {} : { job }), ...(instance === undefined ? {} : { instance }) };
  const first = new Map<string, number>();
  for await (const piece of source.pieces({ metric: "up", labels }, checked(span), signal)) {
    see(piece, first);
  }
  return first;
}

/** The same, from the samples of `up`. */
export function scrapesFrom(up: readonly SampledSeries[]): FirstScrapes {
  const first = new Map<string, number>();
  for (const series of up) see(series, first);
  return first;
}

function see({ labels, times, values }: SampledSeries, first: Map<string, number>): void {
  const key = targetKey(labels);
  if (key === undefined || first.has(key)) return;
  // A scrape that failed says nothing of which series there were.
  for (let index = 0; index < times.length; index++) {
    if (values[index] !== 1) continue;
    first.set(key, times[index]!);
    return;
  }
}

/** True when the target of a series was scraped before the series was there. */
export function isNew(labels: Labels, firstSample: number, scraped: FirstScrapes): boolean {
  const key = targetKey(labels);
  const first = key === undefined ? undefined : scraped.get(key);
  return first !== undefined && first < firstSample;
}

function targetKey({ job, instance }: Labels): string | undefined {
  return job === undefined || instance === undefined ? undefined : JSON.stringify([job, instance]);
}

/** An inside-out or endless span is a mistake of the program, not of a user. */
function checked(span: Span): Span {
  const length = span.to.getTime() - span.from.getTime();
  if (!(length > 0 && Number.isFinite(length))) throw new RangeError("A span must end after it begins.");
  return span;
}

function tooMuch({ metric }: Selector): SeakeepError {
  return new SeakeepError("SK-SIGNALS-007", `${metric} has more samples in this span than can be looked at.`);
}
