import { Growth, Presence } from "../folds.ts";
import type { Reading, SampledSeries, Selector, Span } from "../signals.ts";
import {
  type FirstScrapes,
  firstScrapes,
  isNew,
  longestGap,
  type SampleSource,
  seriesKey,
} from "../source.ts";
import type { Client } from "./client.ts";
import { selectorText } from "./promql.ts";

/** Length of a block, milliseconds. */
const BLOCK = 3_600_000;

/** From this length of span on, blocks are cheaper than samples. */
export const LONG_SPAN: number = 6 * BLOCK;

/** Asks long spans block by block. */
export interface Blocks {
  increase(selector: Selector, span: Span, signal?: AbortSignal): Promise<readonly Reading[]>;
  maximum(selector: Selector, span: Span, signal?: AbortSignal): Promise<readonly Reading[]>;
  coverage(selector: Selector, span: Span, signal?: AbortSignal): Promise<number>;
}

interface Entry {
  readonly labels: SampledSeries["labels"];
  readonly presence: Presence;
  growth?: Growth;
  most?: number;
}

/** Some function of each series over each whole block, by series and by block. */
type Summary = ReadonlyMap<string, { labels: SampledSeries["labels"]; at: ReadonlyMap<number, number> }>;

/**
 * A month of samples is too many to carry over the wire, and PromQL's own `increase()` extrapolates. Within a block in
 * which a counter was not reset, its least value is its first and the last is its largest: two numbers say all that its
 * samples do. Blocks in which something was reset, or began, are read sample by sample, as are the two ends of the span.
 * Increases and maxima are the same as those of the samples; coverage is counted in samples a block.
 */
export function blocks(
  client: Client,
  raw: SampleSource,
  fixed: Readonly<Record<string, string>>,
  scrapeInterval: number,
): Blocks {
  const gap = longestGap(scrapeInterval);

  /** `head` and `tail` are read raw; whole blocks are between them. */
  function cut({ from, to }: Span) {
    const first = from.getTime() + BLOCK;
    const count = Math.floor((to.getTime() - first) / BLOCK);
    const startOf = (block: number) => first + block * BLOCK;
    const spanOf = (block: number): Span => ({
      from: new Date(startOf(block)),
      to: new Date(startOf(block + 1)),
    });
    const head: Span = { from, to: new Date(first) };
    const tail: Span = { from: new Date(startOf(count)), to };
    return { head, count, startOf, spanOf, tail: tail.from < tail.to ? tail : undefined };
  }

  async function summary(
    call: string,
    selector: Selector,
    { count, startOf }: ReturnType<typeof cut>,
    signal?: AbortSignal,
  ): Promise<Summary> {
    const range = { start: startOf(1) - 1, end: startOf(count) - 1, step: BLOCK };
    const answer = await client.queryRange(
      `${call}(${selectorText(selector, fixed)}[${BLOCK}ms])`,
      range,
      signal,
    );
    return new Map(
      answer.map(({ labels, times, values }) => [
        seriesKey(labels),
        {
          labels,
          at: new Map(times.map((time, index) => [Math.round((time - range.start) / BLOCK), values[index]!])),
        },
      ]),
    );
  }

  function present(presence: Presence, samples: number, start: number): void {
    // Whole when no more samples are missing than a gap may have.
    const seen = samples * scrapeInterval;
    presence.addStretch(start, start + (seen >= BLOCK - gap ? BLOCK : Math.min(BLOCK, seen)));
  }

  const entries = (span: Span) => {
    const known = new Map<string, Entry>();
    const entry = (labels: SampledSeries["labels"]): Entry => {
      const key = seriesKey(labels);
      const found = known.get(key) ?? { labels, presence: new Presence(span, gap) };
      known.set(key, found);
      return found;
    };
    return { known, entry };
  };

  return {
    async increase(selector, span, signal) {
      const parts = cut(span);
      const { known, entry } = entries(span);
      const scraped = new Map<string, number>();
      const sampleBySample = async (part: Span) => {
        for (const [key, time] of await firstScrapes(raw, selector, part, signal)) {
          if (!scraped.has(key)) scraped.set(key, time);
        }
        for await (const piece of raw.pieces(selector, part, signal)) {
          if (piece.times.length === 0) continue;
          const state = entry(piece.labels);
          state.growth ??= begin(piece.labels, piece.times[0]!, scraped);
          for (let index = 0; index < piece.times.length; index++) {
            state.presence.add(piece.times[index]!);
            state.growth.add(piece.values[index]!);
          }
        }
      };

      const [last, least, resets, counts] = [
        await summary("last_over_time", selector, parts, signal),
        await summary("min_over_time", selector, parts, signal),
        await summary("resets", selector, parts, signal),
        await summary("count_over_time", selector, parts, signal),
      ];
      await sampleBySample(parts.head);
      for (let block = 0; block < parts.count; block++) {
        const inBlock = [...counts].filter(([, { at }]) => at.has(block));
        const isPlain = ([key, { labels }]: (typeof inBlock)[number]) =>
          resets.get(key)?.at.get(block) === 0 &&
          Number.isFinite(last.get(key)?.at.get(block)) &&
          (known.get(key)?.growth !== undefined || isNew(labels, parts.startOf(block), scraped));
        if (!inBlock.every(isPlain)) {
          await sampleBySample(parts.spanOf(block));
          continue;
        }
        for (const [key, { labels, at }] of inBlock) {
          const state = entry(labels);
          state.growth ??= begin(labels, parts.startOf(block), scraped);
          state.growth.add(least.get(key)!.at.get(block)!);
          state.growth.add(last.get(key)!.at.get(block)!);
          present(state.presence, at.get(block)!, parts.startOf(block));
        }
      }
      if (parts.tail !== undefined) await sampleBySample(parts.tail);
      return [...known.values()].map(({ labels, growth, presence }) => ({
        labels,
        value: growth?.total ?? 0,
        coverage: Presence.share([presence]),
      }));
    },

    async maximum(selector, span, signal) {
      const parts = cut(span);
      const { known, entry } = entries(span);
      const see = (state: Entry, value: number) => {
        if (!Number.isNaN(value)) state.most = Math.max(state.most ?? value, value);
      };
      const largest = await summary("max_over_time", selector, parts, signal);
      await presences(selector, parts, entry, signal, see);
      for (const { labels, at } of largest.values()) {
        for (const value of at.values()) see(entry(labels), value);
      }
      return [...known.values()].flatMap(({ labels, most, presence }) =>
        most === undefined ? [] : [{ labels, value: most, coverage: Presence.share([presence]) }],
      );
    },

    async coverage(selector, span, signal) {
      const { known, entry } = entries(span);
      await presences(selector, cut(span), entry, signal, () => {});
      return Presence.share([...known.values()].map(({ presence }) => presence));
    },
  };

  /** Marks what was seen, and shows the samples of both ends. */
  async function presences(
    selector: Selector,
    parts: ReturnType<typeof cut>,
    entry: (labels: SampledSeries["labels"]) => Entry,
    signal: AbortSignal | undefined,
    see: (state: Entry, value: number) => void,
  ): Promise<void> {
    const end = async (part: Span) => {
      for await (const { labels, times, values } of raw.pieces(selector, part, signal)) {
        const state = entry(labels);
        for (let index = 0; index < times.length; index++) {
          state.presence.add(times[index]!);
          see(state, values[index]!);
        }
      }
    };
    await end(parts.head);
    for (const { labels, at } of (await summary("count_over_time", selector, parts, signal)).values()) {
      for (const [block, samples] of at) present(entry(labels).presence, samples, parts.startOf(block));
    }
    if (parts.tail !== undefined) await end(parts.tail);
  }
}

function begin(labels: SampledSeries["labels"], time: number, scraped: FirstScrapes): Growth {
  return new Growth(isNew(labels, time, scraped) ? 0 : undefined);
}
