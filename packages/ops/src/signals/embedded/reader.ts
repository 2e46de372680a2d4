import type { SampledSeries, Selector, Span } from "../signals.ts";
import type { SampleSource } from "../source.ts";
import { layoutsOf } from "./catalog.ts";
import { unpackChunk } from "./codec/chunk.ts";
import { unpackTimes } from "./codec/times.ts";
import { unpackValues } from "./codec/values.ts";
import { type Connection, failureOf, openForReading, rows } from "./database.ts";

/** Samples of a file. Each question sees one moment of it, whatever is recorded meanwhile. */
export function storedSamples(path: string): SampleSource {
  return {
    async *pieces(selector, span, signal) {
      let database: Connection | undefined;
      try {
        database = openForReading(path);
        for (const piece of read(database, selector, span)) {
          signal?.throwIfAborted();
          yield piece;
        }
      } catch (error) {
        throw failureOf(error, path);
      } finally {
        // Closing alone would keep its moment of the file alive until the library's objects are collected.
        if (database?.inTransaction) database.exec("rollback");
        database?.close();
      }
    },
  };
}

interface StoredSeries {
  readonly id: number;
  readonly target: number;
  readonly labels: Readonly<Record<string, string>>;
}

function* read(database: Connection, selector: Selector, { from, to }: Span): Iterable<SampledSeries> {
  const [first, end] = [from.getTime(), to.getTime()];
  const chunk = database.prepare("select samples from chunk where series = ? and block = ?").raw();
  for (const [target, wanted] of groupByTarget(select(database, selector))) {
    const blocks = (
      rows(
        database,
        "select id, times from block where target = ? and last >= ? and first < ? order by last",
        ...[target, first, end],
      ) as [number, Buffer][]
    ).map(([id, times]) => ({ id, times: unpackTimes(times) }));
    const recent = recentScrapes(database, target, wanted, { first, end });
    for (const { id, labels } of wanted) {
      for (const block of blocks) {
        const [packed] = (chunk.get(id, block.id) ?? []) as [Buffer?];
        if (packed === undefined) continue;
        const { times, values } = unpackChunk(packed, block.times);
        yield { labels, ...within(times, values, first, end) };
      }
      const unpacked = recent.get(id);
      if (unpacked !== undefined) yield { labels, ...unpacked };
    }
  }
}

/** The series that a selector means. Labels are few: they are compared here, not in SQL. */
function select(database: Connection, { metric, labels = {} }: Selector): StoredSeries[] {
  const stored = rows(
    database,
    `select series.id, target.id, job, instance, target.labels, series.labels
     from series join target on target.id = series.target where metric = ?`,
    metric,
  ) as [number, number, string, string, string, string][];
  const conditions = Object.entries(labels);
  return stored.flatMap(([id, target, job, instance, shared, own]) => {
    const all: Record<string, string> = {
      ...(JSON.parse(own) as Record<string, string>),
      ...(JSON.parse(shared) as Record<string, string>),
      ...{ job, instance },
    };
    const fits = conditions.every(([name, wanted]) => [wanted].flat().includes(all[name] ?? ""));
    return fits ? [{ id, target, labels: all }] : [];
  });
}

function groupByTarget(series: readonly StoredSeries[]): Map<number, StoredSeries[]> {
  const groups = new Map<number, StoredSeries[]>();
  for (const each of series) {
    const group = groups.get(each.target);
    if (group === undefined) groups.set(each.target, [each]);
    else group.push(each);
  }
  return groups;
}

/** Samples that are not packed yet, by series. */
function recentScrapes(
  database: Connection,
  target: number,
  wanted: readonly StoredSeries[],
  { first, end }: { first: number; end: number },
): Map<number, { times: number[]; values: number[] }> {
  const found = new Map(wanted.map(({ id }) => [id, { times: [] as number[], values: [] as number[] }]));
  const layouts = layoutsOf(database, target);
  const scrapes = rows(
    database,
    "select time, layout, samples from scrape where target = ? and time >= ? and time < ? order by time",
    ...[target, first, end],
  ) as [number, number, Buffer][];
  for (const [time, layout, samples] of scrapes) {
    const values = unpackValues(samples);
    for (const [place, series] of (layouts.get(layout) ?? new Float64Array()).entries()) {
      const entry = found.get(series);
      entry?.times.push(time);
      entry?.values.push(values[place]!);
    }
  }
  return found;
}

function within(
  times: Float64Array,
  values: Float64Array,
  first: number,
  end: number,
): { times: Float64Array; values: Float64Array } {
  if (times.length > 0 && times[0]! >= first && times.at(-1)! < end) return { times, values };
  let begin = 0;
  while (begin < times.length && times[begin]! < first) begin += 1;
  let stop = times.length;
  while (stop > begin && times[stop - 1]! >= end) stop -= 1;
  return { times: times.subarray(begin, stop), values: values.subarray(begin, stop) };
}
