import {
  type CountedRequests,
  type GaugeBound,
  metricNames,
  NAMES,
  type Route,
  type SampledGauges,
  type Service,
  type Slo,
} from "@seakeep/contract";
import type { Reading, SampledSeries, Signals, Span } from "../signals.ts";

/** The events of an SLO within a span. */
export interface SloCount {
  readonly bad: number;
  /** Zero: the service was seen, and nothing happened. */
  readonly total: number;
  /** Share of the span that was seen, 0 to 1. */
  readonly coverage: number;
}

/** Whose events are counted. */
export interface CountScope {
  readonly signals: Signals;
  readonly service: Service;
  readonly span: Span;
  /** Labels that the series must have besides the service's job, such as the instances of a canary. */
  readonly labels?: Readonly<Record<string, string | readonly string[]>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Counts the bad and all events of an SLO. `undefined` when they cannot be told: nothing was seen, or not what the bad
 * ones are counted from. No errors at all, with traffic, are zero errors.
 */
export async function countSlo(scope: CountScope, slo: Slo): Promise<SloCount | undefined> {
  const measurement = slo.measurement(metricNames(scope.service.naming));
  return measurement.by === "counters"
    ? countRequests(scope, slo, measurement)
    : countSamples(scope, slo, measurement);
}

async function countRequests(
  { signals, service, span, labels, signal }: CountScope,
  slo: Slo,
  { total, part }: CountedRequests,
): Promise<SloCount | undefined> {
  const names = metricNames(service.naming).labels;
  const own = { job: service.name, ...labels };
  const inScope = (reading: Reading) =>
    judges(slo, reading.labels[names.method], reading.labels[names.route]);
  const sum = (readings: readonly Reading[]) => readings.reduce((so, { value }) => so + value, 0);

  const all = (await signals.increase({ metric: total, labels: own }, span, signal)).filter(inScope);
  if (all.length === 0) return undefined;
  const edge = part.is === "good" ? { le: spellings(part.edge) } : {};
  const some = (
    await signals.increase({ metric: part.metric, labels: { ...own, ...edge } }, span, signal)
  ).filter(inScope);
  if (part.is === "good" && some.length === 0) return undefined;
  const requests = sum(all);
  const bad = part.is === "bad" ? sum(some) : requests - sum(some);
  // The two counters are scraped together; one that was born a scrape before the other must not make a negative count.
  return {
    bad: Math.min(Math.max(bad, 0), requests),
    total: requests,
    coverage: await signals.coverage({ metric: total, labels: own }, span, signal),
  };
}

/** Prometheus 2 stores a whole edge as `1`, Prometheus 3 as `1.0`. */
export function spellings(edge: number): readonly string[] {
  return Number.isInteger(edge) ? [String(edge), `${edge}.0`] : [String(edge)];
}

/** True when the SLO judges requests of this method and route template. */
export function judges({ routes, except }: Slo, method = "", template = ""): boolean {
  const takes = (route: Route) =>
    route.template === template && (route.method === undefined || route.method === method);
  return routes.length > 0 ? routes.some(takes) : !except.some(takes);
}

async function countSamples(
  scope: CountScope,
  slo: Slo,
  { bounds }: SampledGauges,
): Promise<SloCount | undefined> {
  const { signals, span, signal } = scope;
  const labels = probeOrService(scope, slo);
  const read: { bound: GaugeBound; series: readonly SampledSeries[] }[] = [];
  for (const bound of bounds) {
    read.push({ bound, series: await signals.samples({ metric: bound.metric, labels }, span, signal) });
  }
  let bad = 0;
  let total = 0;
  for (const moment of judgedMoments(read)) {
    total += 1;
    if (moment.bad) bad += 1;
  }
  if (total === 0) return undefined;
  const coverages = bounds.map(({ metric }) => signals.coverage({ metric, labels }, span, signal));
  return { bad, total, coverage: Math.min(...(await Promise.all(coverages))) };
}

/** Labels of the series that an SLO on gauges reads. The probe asks the service as a whole: it has no instances to choose from. */
export function probeOrService(
  { service, labels }: Pick<CountScope, "service" | "labels">,
  slo: Slo,
): Readonly<Record<string, string | readonly string[]>> {
  if (slo.probe === undefined) return { job: service.name, ...labels };
  return { job: `${service.name}${NAMES.jobs.probeSuffix}`, [NAMES.labels.probe]: slo.probe };
}

/** One scrape of one process, judged. */
interface Moment {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly bad: boolean;
}

/** Joins the gauges of each process by the scrape that they are of: they have the same time. */
export function* judgedMoments(
  read: readonly { readonly bound: GaugeBound; readonly series: readonly SampledSeries[] }[],
): Iterable<Moment> {
  const processes = new Map<string, Map<number, { seen: number; bad: boolean }>>();
  for (const { bound, series } of read) {
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = bound;
    for (const { labels, times, values } of series) {
      const process = labels.instance ?? "";
      const moments = processes.get(process) ?? new Map<number, { seen: number; bad: boolean }>();
      processes.set(process, moments);
      for (let index = 0; index < times.length; index++) {
        const value = values[index]!;
        if (Number.isNaN(value)) continue;
        const moment = moments.get(times[index]!) ?? { seen: 0, bad: false };
        moment.seen += 1;
        moment.bad ||= value < least || value > most;
        moments.set(times[index]!, moment);
      }
    }
  }
  for (const moments of processes.values()) {
    for (const [time, { seen, bad }] of moments) {
      // A process that reports only some of its gauges cannot be told to have room.
      if (seen === read.length || bad) yield { time, bad };
    }
  }
}
