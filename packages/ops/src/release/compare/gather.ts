import { metricNames, NAMES, type Service, type Slo } from "@seakeep/contract";
import type { Signals, Span } from "../../signals/signals.ts";
import { growthBySlice, peakBySlice, type SliceScope, sliceSlo } from "../../signals/slo/slices.ts";
import type { LevelSide, Metric, ShareSide } from "./metric.ts";

/** Where and when one of the versions served. */
export interface VersionScope {
  readonly span: Span;
  /** Labels that tell it from the other while both serve, such as its instances. */
  readonly labels?: Readonly<Record<string, string | readonly string[]>>;
}

/** What is read for a comparison. */
export interface GatherScope {
  readonly signals: Signals;
  readonly service: Service;
  /** Absent: there is none. */
  readonly old: VersionScope | undefined;
  readonly new: VersionScope;
  /** How often the service is scraped, milliseconds: no slice is shorter. */
  readonly scrapeInterval: number;
  readonly signal?: AbortSignal | undefined;
}

/** Slices of a window, where scrapes are often enough: one more halving than sixteen, and still a minute in half an hour. */
const SLICES = 32;

/** Security events that may grow by one in a hundred requests, and by half, before they count. */
const SECURITY = { points: 0.01, ratio: 1.5 };

/**
 * The metrics of a comparison, read from signals: errors and slow requests of each SLO, samples of full processes, how near
 * they come to full, and security events a request. Availability is left to the checks: a probe a minute says nothing in
 * half an hour.
 *
 * SLOs on all routes are required, so that a comparison without traffic never passes; narrower SLOs, saturation and security
 * events are not.
 */
export async function gatherMetrics(scope: GatherScope): Promise<readonly Metric[]> {
  const { service } = scope;
  const metrics: Metric[] = [];
  for (const slo of service.slos.filter(({ probe }) => probe === undefined)) {
    const read = (version: VersionScope | undefined) => shareOf(version, scope, slo);
    // A process is sampled once a scrape: hundreds of samples, where there are thousands of requests.
    const measuredByRequests = slo.measurement(metricNames(service.naming)).by === "counters";
    metrics.push({
      kind: "share",
      name: slo.name,
      what: slo.bad,
      required: measuredByRequests && slo.routes.length === 0,
      old: await read(scope.old),
      new: await read(scope.new),
      effect: { points: Math.max(measuredByRequests ? 0.01 : 0.2, slo.budget), ratio: 1.5 },
      budget: slo.budget,
    });
  }
  return [...metrics, ...(await peaks(scope)), ...(await securityEvents(scope))];
}

function sliceScope({ span, labels }: VersionScope, scope: GatherScope): SliceScope {
  const scrapes = Math.floor((span.to.getTime() - span.from.getTime()) / scope.scrapeInterval);
  return {
    signals: scope.signals,
    service: scope.service,
    span,
    slices: Math.max(1, Math.min(SLICES, scrapes)),
    ...(labels === undefined ? {} : { labels }),
    signal: scope.signal,
  };
}

/** Share of the window in which the service was scraped. */
function coverageOf({ signals, service, span, labels, signal }: SliceScope): Promise<number> {
  const { instance } = labels ?? {};
  const own = { job: service.name, ...(instance === undefined ? {} : { instance }) };
  return signals.coverage({ metric: "up", labels: own }, span, signal);
}

async function shareOf(
  version: VersionScope | undefined,
  scope: GatherScope,
  slo: Slo,
): Promise<ShareSide | undefined> {
  if (version === undefined) return undefined;
  const sliced = sliceScope(version, scope);
  const slices = await sliceSlo(sliced, slo);
  return slices && { slices, coverage: await coverageOf(sliced) };
}

/** The gauges that an SLO of the service has bounds for. */
async function peaks(scope: GatherScope): Promise<Metric[]> {
  const names = metricNames(scope.service.naming);
  const bounds = scope.service.slos.flatMap((slo) => {
    const measurement = slo.measurement(names);
    return measurement.by === "gauges" && slo.probe === undefined ? measurement.bounds : [];
  });
  const read = async (metric: string, version: VersionScope | undefined): Promise<LevelSide | undefined> => {
    if (version === undefined) return undefined;
    const sliced = sliceScope(version, scope);
    const labels = { job: scope.service.name, ...version.labels };
    const values = await peakBySlice({ metric, labels }, sliced);
    return values && { values, coverage: await coverageOf(sliced) };
  };
  return Promise.all(
    bounds.map(
      async ({ metric, most }): Promise<Metric> => ({
        kind: "level",
        name: metric === names.inFlight ? "in-flight" : "event-loop-delay",
        what: metric === names.inFlight ? "requests in flight" : "event-loop delay",
        required: false,
        old: await read(metric, scope.old),
        new: await read(metric, scope.new),
        ratio: 1.5,
        ...(most === undefined ? {} : { limit: most }),
        unit: metric === names.inFlight ? "" : " s",
      }),
    ),
  );
}

/** Each kind of event that either version had. */
async function securityEvents(scope: GatherScope): Promise<Metric[]> {
  const { securityEvents: metric } = NAMES.metrics;
  const versions = [scope.old, scope.new].filter((version) => version !== undefined);
  const names = new Set<string>();
  for (const { span, labels } of versions) {
    const own = { job: scope.service.name, ...labels };
    for (const { labels: seen } of await scope.signals.latest({ metric, labels: own }, span, scope.signal)) {
      names.add(seen[NAMES.labels.event] ?? "");
    }
  }
  const read = async (event: string, version: VersionScope | undefined): Promise<ShareSide | undefined> => {
    if (version === undefined) return undefined;
    const sliced = sliceScope(version, scope);
    const own = { job: scope.service.name, ...version.labels };
    const { requests } = metricNames(scope.service.naming);
    const totals = await growthBySlice({ metric: requests, labels: own }, sliced);
    if (totals === undefined) return undefined;
    const selector = { metric, labels: { ...own, [NAMES.labels.event]: event } };
    const events = await growthBySlice(selector, sliced);
    // An event that never happened has no series.
    const slices = totals.map((total, index) => ({ bad: Math.min(events?.[index] ?? 0, total), total }));
    return { slices, coverage: await coverageOf(sliced) };
  };
  return Promise.all(
    [...names].sort().map(
      async (event): Promise<Metric> => ({
        kind: "share",
        name: `security/${event}`,
        what: `${event} a request`,
        required: false,
        old: await read(event, scope.old),
        new: await read(event, scope.new),
        effect: SECURITY,
      }),
    ),
  );
}
