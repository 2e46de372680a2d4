import type { IncomingMessage, ServerResponse } from "node:http";
import { type AuditEventName, auditEventName, NAMES, type Service } from "@seakeep/contract";
import type { AccessRecord } from "./access-log.ts";
import { sensitivePaths } from "./audit/classify.ts";
import { type AuditedExchange, auditEvent } from "./audit/record.ts";
import { redactPath } from "./audit/redact.ts";
import { clientAddress } from "./client-address.ts";
import { ownEndpoints } from "./endpoints.ts";
import { Exchange, type ExchangeEnd, type ExchangeOwner, exchangeOf } from "./exchange.ts";
import { createHealth } from "./health.ts";
import type { Endpoint } from "./health-endpoints.ts";
import { timestamp } from "./log.ts";
import { type LogOutput, logOutput } from "./log-output.ts";
import { createMetrics, type InternalPart, type Metrics } from "./metrics/index.ts";
import { type ObserveOptions, resolveOptions, type Settings } from "./options.ts";
import { reasonOf } from "./reason.ts";
import { requestIdOf, traceIdOf } from "./request-id.ts";
import { connectSentry, type SentryPort } from "./sentry/index.ts";
import { pathOf } from "./url-path.ts";

/** What every adapter's handle can do. */
export interface ObserveHandle {
  /** Makes `/readyz` answer 503 from now on, so that no new traffic is sent here; call it when shutting down. */
  drain(): void;
  /** Requests being served now. */
  readonly inFlight: number;
  /** Stops Seakeep's timers. Requests are still counted. */
  close(): void;
}

/** The template that a finished exchange falls under, as its framework knows it; `undefined` when none matched. */
export type RouteOf = (exchange: Exchange) => string | undefined;

/** Observes one service in one process. What all adapters share; they add how to see a request and its route. */
export class Observer<Request> implements ExchangeOwner, ObserveHandle {
  readonly service: Service;
  readonly settings: Settings<Request>;
  readonly metrics: Metrics;
  /** Settles when Sentry is there, or is known to be missing. */
  readonly ready: Promise<void>;
  sentry: SentryPort | undefined;
  readonly #log: LogOutput | undefined;
  readonly #routeOf: RouteOf;
  readonly #isSensitive: (path: string) => boolean;
  readonly #endpointAt: (path: string) => Endpoint | undefined;
  #draining = false;

  constructor(service: Service, options: ObserveOptions<Request> | undefined, routeOf: RouteOf) {
    const settings = resolveOptions(options ?? {});
    this.service = service;
    this.settings = settings;
    this.metrics = createMetrics(
      service,
      settings.release === undefined ? {} : { version: settings.release },
    );
    this.#log = logOutput(settings.log);
    this.#routeOf = routeOf;
    this.#isSensitive = sensitivePaths(service.audit.sensitive);
    const health = createHealth(settings.health, (name, { up, reason }) => {
      this.notice(up ? "health check is up again" : "health check is down", { check: name, ...why(reason) });
    });
    const draining = () => this.#draining;
    this.#endpointAt = ownEndpoints(settings, this.metrics, health, draining, this.notice.bind(this));
    this.ready = this.#connectSentry();
  }

  async #connectSentry(): Promise<void> {
    const { sentry: module, sentryDsn: dsn, release } = this.settings;
    const failed = (error: unknown) => {
      this.metrics.internalError("sentry");
      this.notice("Sentry is not available; the service runs without it", why(error));
    };
    const sentry = connectSentry({ module, dsn, release, failed });
    this.sentry = sentry instanceof Promise ? await sentry : sentry;
  }

  /** Seakeep's own endpoint at a path, when it has one there. What it serves is not traffic. */
  endpointAt(path: string): Endpoint | undefined {
    return this.#endpointAt(path);
  }

  /** Answers for one of Seakeep's own endpoints. */
  serve(endpoint: Endpoint, req: IncomingMessage, res: ServerResponse): void {
    this.#serve(endpoint, req, res).catch(() => {
      this.fault("adapter");
      res.destroy();
    });
  }

  async #serve(endpoint: Endpoint, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { headers, method = "GET", socket } = req;
    const ip = clientAddress(socket.remoteAddress, headers, this.settings.trust);
    await endpoint(req, res);
    const { statusCode: status } = res;
    // No traffic, but whoever tries tokens on /metrics is to be seen.
    const event = auditEventName(status, false);
    if (event === undefined) return;
    const requestId = requestIdOf(headers[NAMES.headers.requestId]);
    const path = redactPath(pathOf(req.url ?? "/"));
    this.#audit(event, { time: timestamp(), requestId, method, status, path, ip, user: undefined });
  }

  /**
   * The exchange of a request, begun now unless it has begun; `undefined` when another observer has it.
   *
   * @param path as `pathOf` gives it
   */
  begin(req: IncomingMessage, res: ServerResponse, path: string): Exchange | undefined {
    const begun = exchangeOf(req);
    if (begun !== undefined) return begun.owner === this ? begun : this.#observedTwice();
    try {
      const exchange = new Exchange(this, req, res, path, requestIdOf(req.headers[NAMES.headers.requestId]));
      this.metrics.begin();
      return exchange;
    } catch {
      this.fault("exchange");
      return undefined;
    }
  }

  #observedTwice(): undefined {
    if (!this.#toldTwice)
      this.notice("this service is observed twice: each request is counted once, by the first");
    this.#toldTwice = true;
    this.fault("adapter");
    return undefined;
  }
  #toldTwice = false;

  /** Runs the handling of a request so that what is sent to Sentry meanwhile can be told apart. */
  run<Result>(exchange: Exchange | undefined, work: () => Result): Result {
    if (this.sentry === undefined || exchange === undefined) return work();
    const route = () => this.#routeOf(exchange) ?? NAMES.values.unmatched;
    return this.sentry.run(() => ({ requestId: exchange.id, route: route() }), work);
  }

  finished(exchange: Exchange, end: ExchangeEnd): void {
    try {
      this.metrics.end();
      const template = this.#routeOf(exchange);
      const { method = "GET" } = exchange.req;
      this.metrics.record(method, template, end.status, end.seconds);
      if (this.#log !== undefined || end.status >= 400) this.#record(exchange, end, template);
    } catch {
      this.fault("exchange");
    }
  }

  #record(exchange: Exchange, { status, outcome, seconds }: ExchangeEnd, template: string | undefined): void {
    const event = this.#securityEvent(status, exchange.path, template);
    if (this.#log === undefined) {
      if (event !== undefined) this.metrics.securityEvent(event);
      return;
    }
    const { headers, method = "GET" } = exchange.req;
    const record: AccessRecord = {
      time: timestamp(),
      requestId: exchange.id,
      method,
      path: redactPath(exchange.path),
      template: template ?? NAMES.values.unmatched,
      status,
      user: this.#userOf(exchange),
      ip: clientAddress(exchange.peer, headers, this.settings.trust),
      seconds,
      bytes: exchange.bytes,
      outcome,
      traceId: traceIdOf(headers[NAMES.headers.traceparent]),
    };
    try {
      this.#log.access(record);
    } catch {
      this.fault("log");
    }
    if (event !== undefined) this.#audit(event, record);
  }

  #audit(event: AuditEventName, exchange: Omit<AuditedExchange, "service">): void {
    this.metrics.securityEvent(event);
    try {
      this.#log?.audit(auditEvent(event, { ...exchange, service: this.service.name }));
    } catch {
      this.fault("log");
    }
  }

  #securityEvent(status: number, path: string, template: string | undefined): AuditEventName | undefined {
    if (status < 400) return undefined;
    const sensitive = this.#isSensitive(path) || (template !== undefined && this.#isSensitive(template));
    return auditEventName(status, sensitive);
  }

  #userOf(exchange: Exchange): string | undefined {
    const { user } = this.settings;
    if (user === undefined || exchange.request === undefined) return undefined;
    try {
      const id: unknown = user(exchange.request as Request);
      return typeof id === "string" && id !== "" ? id : undefined;
    } catch {
      this.fault("log");
      return undefined;
    }
  }

  /** A request that Node's parser refused: it never becomes one, but it happened. */
  refused(status: number, peer: string | undefined): void {
    const { otherMethod, unmatched } = NAMES.values;
    this.metrics.record(otherMethod, undefined, status, 0);
    const record: AccessRecord = {
      time: timestamp(),
      requestId: requestIdOf(undefined),
      method: otherMethod,
      path: "",
      template: unmatched,
      status,
      user: undefined,
      ip: clientAddress(peer, {}, undefined),
      seconds: 0,
      bytes: undefined,
      outcome: "ok",
      traceId: undefined,
    };
    try {
      this.#log?.access(record);
    } catch {
      this.fault("log");
    }
  }

  /** A line for the operator. */
  notice(message: string, fields?: Readonly<Record<string, string>>): void {
    try {
      this.#log?.notice(message, fields);
    } catch {
      this.fault("log");
    }
  }

  fault(part: InternalPart): void {
    this.metrics.internalError(part);
  }

  get inFlight(): number {
    return this.metrics.inFlight;
  }

  drain(): void {
    this.#draining = true;
  }

  close(): void {
    this.metrics.close();
  }
}

/** Gives a function what the handle of an observer can do: frameworks want a function, users a handle. */
export function withHandle<Fn extends object>(fn: Fn, observer: Observer<never>): Fn & ObserveHandle {
  return Object.defineProperties(fn, {
    drain: { value: () => observer.drain() },
    close: { value: () => observer.close() },
    inFlight: { get: () => observer.inFlight },
  }) as Fn & ObserveHandle;
}

function why(reason: unknown): Record<string, string> {
  return reason === undefined ? {} : { reason: reasonOf(reason) };
}
