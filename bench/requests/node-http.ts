import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { observe } from "@seakeep/runtime/node-http";
import type { DestinationStream } from "pino";
import { pinoHttp } from "pino-http";
import { Counter, Histogram } from "prom-client";
import { Floor } from "./floor.ts";
import { COURSES, course, NOT_FOUND } from "./mix.ts";
import { EDGES, service } from "./service.ts";
import { buffered } from "./tuned.ts";
import type { Variant } from "./variants.ts";

const UNMATCHED = "_unmatched";
const ITEM = "/courses/";

function routeOf(url: string): string {
  if (url === "/courses") return url;
  return url.startsWith(ITEM) ? "/courses/:id" : UNMATCHED;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

const handle: RequestListener = (request, response) => {
  const url = request.url ?? "/";
  if (url === "/courses") send(response, 200, COURSES);
  else if (url.startsWith(ITEM)) send(response, 200, course(url.slice(ITEM.length)));
  else send(response, 404, NOT_FOUND);
};

function byHand(listener: RequestListener): RequestListener {
  const floor = new Floor();
  return (request, response) => {
    const began = performance.now();
    const id = floor.id();
    response.setHeader("X-Request-ID", id);
    response.once("finish", () => {
      const { method = "GET", url = "/" } = request;
      floor.record(method, routeOf(url), url, response.statusCode, id, performance.now() - began);
    });
    listener(request, response);
  };
}

/** The histogram and the two counters that Seakeep keeps, in prom-client as its README has them. */
function metrics(listener: RequestListener): RequestListener {
  const labelNames = ["method", "path_template", "status_code"] as const;
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "d",
    labelNames,
    buckets: [...EDGES],
  });
  const requests = new Counter({ name: "http_requests_total", help: "r", labelNames });
  const serverErrors = new Counter({ name: "http_server_errors_total", help: "e", labelNames });
  return (request, response) => {
    const stop = duration.startTimer();
    response.once("finish", () => {
      const { method = "GET", url = "/" } = request;
      const labels = { method, path_template: routeOf(url), status_code: response.statusCode };
      stop(labels);
      requests.inc(labels);
      if (response.statusCode >= 500) serverErrors.inc(labels);
    });
    listener(request, response);
  };
}

function logger(listener: RequestListener, stream?: DestinationStream): RequestListener {
  const log = pinoHttp({}, stream);
  return (request, response) => {
    log(request, response);
    listener(request, response);
  };
}

const SETUP: Record<Variant, (listener: RequestListener) => RequestListener> = {
  bare: (listener) => listener,
  control: (listener) => listener,
  floor: byHand,
  quiet: (listener) => observe(service, listener, { log: false }),
  seakeep: (listener) => observe(service, listener),
  metrics,
  logger: (listener) => logger(listener),
  both: (listener) => metrics(logger(listener)),
  tuned: (listener) => metrics(logger(listener, buffered())),
};

export function start(variant: Variant): Server {
  return createServer(SETUP[variant](handle));
}
