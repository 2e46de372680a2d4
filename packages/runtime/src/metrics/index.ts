import {
  AUDIT_EVENTS,
  type AuditEventName,
  metricNames,
  NAMES,
  type Route,
  type Service,
} from "@seakeep/contract";
import { type EventLoopDelay, eventLoopDelay } from "./event-loop-delay.ts";
import { exposition } from "./exposition.ts";
import { type Format, label } from "./format.ts";
import { INTERNAL_PARTS, type InternalPart } from "./internal-part.ts";
import { Series } from "./series.ts";

export type { Format } from "./format.ts";
export type { InternalPart } from "./internal-part.ts";

/** The numbers of one service in one process. No method throws, and none but `exposition` allocates once warm. */
export interface Metrics {
  /** A request began. */
  begin(): void;
  /** It ended in any way, aborts included. */
  end(): void;
  /**
   * Counts a finished request.
   *
   * @param template the router's own template, never a concrete path; `undefined` when no route matched
   * @param status 499 for a client that went away before the answer
   * @param seconds from the first byte to the last
   */
  record(method: string, template: string | undefined, status: number, seconds: number): void;
  securityEvent(name: AuditEventName): void;
  /** Counts a fault inside the instrumentation, which must never fail a request. */
  internalError(part: InternalPart): void;
  /**
   * Gives routes that the router knows series of their own, at zero from the next scrape on, that no flood can take.
   * Call it as routes become known, as often as needed.
   */
  declareRoutes(routes: readonly Route[]): void;
  readonly inFlight: number;
  /** Names of all samples that `exposition` may write: another source on the same page must leave these out. */
  readonly names: ReadonlySet<string>;
  /** The whole exposition in chunks of at most about 64 KiB, without the end mark, so that more families can follow. */
  exposition(format: Format): Iterable<string>;
  /** Stops the event-loop sampler. */
  close(): void;
}

/** What `createMetrics` can be told. */
export interface MetricsSettings {
  /** Release of the service, for `seakeep_service_info`; default `"unknown"`. */
  readonly version?: string;
  /** Most endpoints (method and route) besides the declared ones; default 500. The rest are counted as `_other`. */
  readonly routeLimit?: number;
  /** Source of the event-loop delay; default: this process. `false` leaves the metric out. */
  readonly eventLoopDelay?: EventLoopDelay | false;
  /** Start of the process, seconds since the epoch; default: this process. */
  readonly processStart?: number;
}

const ROUTE_LIMIT = 500;

/** Metrics for a declared service; its routes are declared at once. */
export function createMetrics(service: Service, settings: MetricsSettings = {}): Metrics {
  const names = metricNames(service.naming);
  const series = new Series(service.edges, names.labels, settings.routeLimit ?? ROUTE_LIMIT);
  const securityEvents = new Float64Array(AUDIT_EVENTS.length);
  const internalErrors = new Float64Array(INTERNAL_PARTS.length);
  const delay = settings.eventLoopDelay ?? eventLoopDelay();
  const processStart = settings.processStart ?? performance.timeOrigin / 1000;
  const { labels } = NAMES;
  const info = [
    label(labels.service, service.name),
    label(labels.version, settings.version ?? NAMES.values.unknownVersion),
    label(labels.declaration, service.hash),
  ].join(",");
  let inFlight = 0;
  let closed = false;

  const count = <Name>(counts: Float64Array, known: readonly Name[], name: Name) => {
    const index = known.indexOf(name);
    if (index >= 0) counts[index]! += 1;
  };
  const internalError = (part: InternalPart) => count(internalErrors, INTERNAL_PARTS, part);

  for (const route of service.routes) series.declare(route);

  return {
    begin() {
      inFlight++;
    },
    end() {
      if (inFlight > 0) inFlight--;
      else internalError("exchange");
    },
    record(method, template, status, seconds) {
      if (!series.cells.add(series.find(method, template, status), seconds)) internalError("metrics");
    },
    securityEvent(name) {
      count(securityEvents, AUDIT_EVENTS, name);
    },
    internalError,
    declareRoutes(routes) {
      for (const route of routes) series.declare(route);
    },
    get inFlight() {
      return inFlight;
    },
    names: sampleNames(service, delay !== false),
    exposition(format) {
      // Sampling costs a timer: it begins with the first scrape, so a service that nobody watches does not pay.
      if (delay !== false && !closed) delay.start();
      const now = {
        names,
        series,
        inFlight,
        securityEvents,
        internalErrors,
        info,
        processStart,
        eventLoopDelay: delay === false ? undefined : delay.p99,
      };
      return exposition(now, format);
    },
    close() {
      closed = true;
      if (delay !== false) delay.stop();
    },
  };
}

function sampleNames(service: Service, withDelay: boolean): ReadonlySet<string> {
  const { duration, requests, serverErrors, inFlight } = metricNames(service.naming);
  const { metrics } = NAMES;
  const histogram = [duration, `${duration}_bucket`, `${duration}_sum`, `${duration}_count`];
  return new Set([
    ...histogram,
    ...[requests, serverErrors, inFlight, metrics.securityEvents, metrics.seriesOverflow],
    ...[metrics.internalErrors, metrics.processStart, metrics.serviceInfo],
    ...(withDelay ? [metrics.eventLoopDelay] : []),
  ]);
}
