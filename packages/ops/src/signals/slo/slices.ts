import { type CountedRequests, metricNames, type SampledGauges, type Slo } from "@seakeep/contract";
import { Growth } from "../folds.ts";
import type { SampledSeries, Selector, Span } from "../signals.ts";
import { isNew, scrapesFrom } from "../source.ts";
import { type CountScope, judgedMoments, judges, probeOrService, spellings } from "./count.ts";

/** The events of an SLO in one slice of a span. */
export interface SloSlice {
  readonly bad: number;
  readonly total: number;
}

/** What {@link CountScope} has, and into how many slices the span is cut. */
export interface SliceScope extends CountScope {
  readonly slices: number;
}

/**
 * Counts the events of an SLO slice by slice, for who asks how steady they are. Same rules as `countSlo`, except that the
 * growth between two scrapes belongs to the slice of the later one.
 */
export async function sliceSlo(scope: SliceScope, slo: Slo): Promise<readonly SloSlice[] | undefined> {
  const measurement = slo.measurement(metricNames(scope.service.naming));
  return measurement.by === "counters"
    ? sliceRequests(scope, slo, measurement)
    : sliceSamples(scope, slo, measurement);
}

async function sliceRequests(
  scope: SliceScope,
  slo: Slo,
  { total, part }: CountedRequests,
): Promise<readonly SloSlice[] | undefined> {
  const { service, labels } = scope;
  const names = metricNames(service.naming).labels;
  const own = { job: service.name, ...labels };
  const inScope = (series: SampledSeries) =>
    judges(slo, series.labels[names.method], series.labels[names.route]);
  const all = await growthBySlice({ metric: total, labels: own }, scope, inScope);
  if (all === undefined) return undefined;
  const edge = part.is === "good" ? { le: spellings(part.edge) } : {};
  const some = await growthBySlice({ metric: part.metric, labels: { ...own, ...edge } }, scope, inScope);
  if (part.is === "good" && some === undefined) return undefined;
  return all.map((requests, index) => {
    const counted = some?.[index] ?? 0;
    const bad = part.is === "bad" ? counted : requests - counted;
    return { bad: Math.min(Math.max(bad, 0), requests), total: requests };
  });
}

/** How much all selected counters together grew in each slice; `undefined` when there were none. */
export async function growthBySlice(
  selector: Selector,
  { signals, span, slices, signal }: SliceScope,
  wanted: (series: SampledSeries) => boolean = () => true,
): Promise<readonly number[] | undefined> {
  const series = (await signals.samples(selector, span, signal)).filter(wanted);
  if (series.length === 0) return undefined;
  const { job, instance } = selector.labels ?? {};
  const target = { ...(job !== undefined && { job }), ...(instance !== undefined && { instance }) };
  const scraped = scrapesFrom(await signals.samples({ metric: "up", labels: target }, span, signal));
  const growths = new Array<number>(slices).fill(0);
  for (const { labels, times, values } of series) {
    const growth = new Growth(isNew(labels, times[0]!, scraped) ? 0 : undefined);
    let before = 0;
    for (let index = 0; index < times.length; index++) {
      growth.add(values[index]!);
      const now = growth.total ?? 0;
      growths[sliceOf(times[index]!, span, slices)]! += now - before;
      before = now;
    }
  }
  return growths;
}

async function sliceSamples(
  scope: SliceScope,
  slo: Slo,
  { bounds }: SampledGauges,
): Promise<readonly SloSlice[] | undefined> {
  const { signals, span, slices, signal } = scope;
  const own = probeOrService(scope, slo);
  const counts = Array.from({ length: slices }, () => ({ bad: 0, total: 0 }));
  let seen = false;
  const read = await Promise.all(
    bounds.map(async (bound) => ({
      bound,
      series: await signals.samples({ metric: bound.metric, labels: own }, span, signal),
    })),
  );
  for (const { time, bad } of judgedMoments(read)) {
    seen = true;
    const count = counts[sliceOf(time, span, slices)]!;
    count.total += 1;
    if (bad) count.bad += 1;
  }
  return seen ? counts : undefined;
}

/** The largest value of all selected gauges in each slice; `NaN` where there was none. `undefined`: none at all. */
export async function peakBySlice(
  selector: Selector,
  { signals, span, slices, signal }: Omit<SliceScope, "service">,
): Promise<readonly number[] | undefined> {
  const series = await signals.samples(selector, span, signal);
  if (series.length === 0) return undefined;
  const peaks = new Array<number>(slices).fill(Number.NaN);
  for (const { times, values } of series) {
    for (let index = 0; index < times.length; index++) {
      const slice = sliceOf(times[index]!, span, slices);
      const value = values[index]!;
      if (!Number.isNaN(value) && !(peaks[slice]! >= value)) peaks[slice] = value;
    }
  }
  return peaks;
}

function sliceOf(time: number, { from, to }: Span, slices: number): number {
  const start = from.getTime();
  return Math.floor(((time - start) / (to.getTime() - start)) * slices);
}
