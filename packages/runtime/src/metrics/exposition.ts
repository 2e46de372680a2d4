import { AUDIT_EVENTS, type MetricNames, NAMES } from "@seakeep/contract";
import { ERRORS_FROM_ZERO } from "./bounds.ts";
import type { Row } from "./cells.ts";
import { edgeText, type Family, type Format, header, label } from "./format.ts";
import { INTERNAL_PARTS } from "./internal-part.ts";
import type { Endpoint, Series } from "./series.ts";

/** What a scrape reads. */
export interface Snapshot {
  readonly names: MetricNames;
  readonly series: Series;
  readonly inFlight: number;
  readonly securityEvents: Float64Array;
  readonly internalErrors: Float64Array;
  /** Labels of the info metric, rendered. */
  readonly info: string;
  /** Seconds since the epoch. */
  readonly processStart: number;
  /** Seconds; `undefined` leaves the sample out, since unknown is not zero. */
  readonly eventLoopDelay: number | undefined;
}

/** A chunk is handed out as soon as it has this many characters; one row more is the most it can hold. */
const CHUNK = 32 * 1024;

/** The whole exposition but its end mark, in chunks. A row is never split: what it says is of one moment. */
export function* exposition(snapshot: Snapshot, format: Format): Generator<string, void, undefined> {
  let chunk = "";
  for (const atom of families(snapshot, format)) {
    chunk += atom;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

function* families(now: Snapshot, format: Format): Generator<string, void, undefined> {
  const { metrics, labels } = NAMES;
  const { names, series } = now;
  const open = (name: string, type: Family["type"], help: string) => header({ name, type, help }, format);

  yield open(names.duration, "histogram", "Duration of finished requests, by method, route and status.");
  yield* histograms(now, format);

  yield open(names.requests, "counter", "Finished requests, by method, route and status.");
  for (const endpoint of series.endpoints) yield counters(now, names.requests, endpoint, 0);

  yield open(names.serverErrors, "counter", "Requests answered with a server error (status 500 and above).");
  for (const endpoint of series.endpoints) yield counters(now, names.serverErrors, endpoint, 500);

  yield open(names.inFlight, "gauge", "Requests being served now.");
  yield `${names.inFlight} ${now.inFlight}\n`;

  yield open(metrics.securityEvents, "counter", "Security events, by OWASP name.");
  for (const [index, event] of AUDIT_EVENTS.entries()) {
    yield `${metrics.securityEvents}{${label(labels.event, event)}} ${now.securityEvents[index]}\n`;
  }

  yield open(
    metrics.seriesOverflow,
    "counter",
    "Requests counted under a coarser label because a series limit was reached.",
  );
  yield `${metrics.seriesOverflow} ${series.overflowed}\n`;

  yield open(metrics.internalErrors, "counter", "Faults inside the instrumentation itself, by part.");
  for (const [index, part] of INTERNAL_PARTS.entries()) {
    yield `${metrics.internalErrors}{${label(labels.part, part)}} ${now.internalErrors[index]}\n`;
  }

  if (now.eventLoopDelay !== undefined) {
    yield open(metrics.eventLoopDelay, "gauge", "99th percentile of event-loop delay over the last window.");
    yield `${metrics.eventLoopDelay} ${now.eventLoopDelay}\n`;
  }

  yield open(metrics.processStart, "gauge", "Start time of the process since the Unix epoch.");
  yield `${metrics.processStart} ${now.processStart}\n`;

  yield open(metrics.serviceInfo, "info", "The service, its version and the hash of its declaration.");
  yield `${metrics.serviceInfo}{${now.info}} 1\n`;
}

function* histograms({ names, series }: Snapshot, format: Format): Generator<string, void, undefined> {
  const { cells, endpoints } = series;
  const edges = [...Array.from(cells.edges, (edge) => edgeText(edge, format)), "+Inf"];
  const closings = edges.map((edge) => `,le="${edge}"} `);
  for (const endpoint of endpoints) {
    for (const row of endpoint.rows) {
      const labels = `${endpoint.labels},${statusLabel(names, row.status)}`;
      const bucket = `${names.duration}_bucket{${labels}`;
      let text = "";
      let cumulative = 0;
      let written = "0\n";
      for (let index = 0; index < closings.length; index++) {
        const count = row.cells[row.start + index]!;
        // Most buckets add nothing: the same number need not be formatted again.
        if (count !== 0) {
          cumulative += count;
          written = `${cumulative}\n`;
        }
        text += bucket + closings[index] + written;
      }
      text += `${names.duration}_sum{${labels}} ${cells.sum(row)}\n`;
      yield `${text}${names.duration}_count{${labels}} ${written}`;
    }
  }
}

/** One endpoint's counters for statuses from `least` on, the server errors that never happened at zero. */
function counters({ names, series }: Snapshot, name: string, endpoint: Endpoint, least: number): string {
  const common = `${name}{${endpoint.labels},`;
  const line = (status: number, value: number) => `${common}${statusLabel(names, status)}} ${value}\n`;
  const seen = (status: number) => endpoint.rows.some((row) => row.status === status);
  let text = "";
  for (const row of endpoint.rows) {
    if (row.status >= least) text += line(row.status, series.cells.count(row));
  }
  for (const status of ERRORS_FROM_ZERO) if (!seen(status)) text += line(status, 0);
  return text;
}

function statusLabel({ labels }: MetricNames, status: Row["status"]): string {
  return `${labels.status}="${status}"`;
}
