import type { SampledSeries, Selector, Span } from "../signals.ts";
import type { SampleSource } from "../source.ts";
import { TooMuch } from "./answer.ts";
import type { Client } from "./client.ts";
import { selectorText } from "./promql.ts";

/** What is asked for at once at most, milliseconds; less where the server says that it is too much. */
const PIECE = 6 * 3_600_000;
const SMALLEST_PIECE = 60_000;

/** Samples as they were scraped: an instant query of a range selector answers them raw. */
export function rawSamples(client: Client, fixed: Readonly<Record<string, string>>): SampleSource {
  return {
    async *pieces(selector: Selector, { from, to }: Span, signal?: AbortSignal) {
      const text = selectorText(selector, fixed);
      let length = PIECE;
      let start = from.getTime();
      while (start < to.getTime()) {
        const end = Math.min(start + length, to.getTime());
        try {
          // One millisecond before the end, which does not belong to the span. The far end does not belong to the
          // range in Prometheus 3 and does in 2: what is too much is left out below.
          const series = await client.query(`${text}[${end - start}ms]`, end - 1, signal);
          for (const each of series) yield within(each, start, end);
          start = end;
        } catch (error) {
          if (!(error instanceof TooMuch) || length <= SMALLEST_PIECE) throw error;
          length = Math.max(SMALLEST_PIECE, Math.floor(length / 4));
        }
      }
    },
  };
}

function within({ labels, times, values }: SampledSeries, start: number, end: number): SampledSeries {
  const inside: number[] = [];
  for (let index = 0; index < times.length; index++) {
    if (times[index]! >= start && times[index]! < end) inside.push(index);
  }
  if (inside.length === times.length) return { labels, times, values };
  return {
    labels,
    times: inside.map((index) => times[index]!),
    values: inside.map((index) => values[index]!),
  };
}
