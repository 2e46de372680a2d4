import type { Server } from "node:http";
import { formatRoute, METHODS, NAMES, type Route, SeakeepError, type Service } from "@seakeep/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { type Exchange, exchangeOf } from "../../exchange.ts";
import { type ObserveHandle, Observer, withHandle } from "../../observer.ts";
import type { ObserveOptions } from "../../options.ts";
import { watchParserErrors } from "../../parser-errors.ts";
import { pathOf } from "../../url-path.ts";

export * from "../shared.ts";

/** A plugin that applies to the whole application it is registered in. */
export type ObservePlugin = ((app: FastifyInstance) => Promise<void>) & ObserveHandle;

const OBSERVED: unique symbol = Symbol.for("seakeep.observed") as never;

/**
 * Observes a Fastify application. Register it before everything else: hooks run in the order of registration, and a
 * plugin that is loaded already keeps the hooks it had.
 *
 * `/readyz` turns to 503 as soon as the application begins to close.
 *
 * @throws {SeakeepError} `SK-RUNTIME-001` for options that are not valid; on registration `SK-RUNTIME-002` for an
 *   application that is observed already
 * @example
 * const app = fastify();
 * await app.register(observe(service));
 * app.get("/hello", async () => "hello\n");
 */
export function observe(service: Service, options?: ObserveOptions<FastifyRequest>): ObservePlugin {
  const observer = new Observer(service, options, routeOf);
  const plugin = async (app: FastifyInstance) => {
    if (OBSERVED in app)
      throw new SeakeepError("SK-RUNTIME-002", "This application registered observe() before.");
    Object.defineProperty(app, OBSERVED, { value: true });
    await observer.ready;
    watchServer(app, observer);
    watchRequests(app, observer);
    watchRoutes(app, observer);
    app.addHook("preClose", async () => observer.drain());
    app.addHook("onClose", async () => observer.close());
  };
  // What fastify-plugin sets: the hooks belong to the application, not to a scope of their own.
  const markers = { "skip-override": true, "fastify.display-name": "@seakeep/runtime" };
  for (const [name, value] of Object.entries(markers)) {
    Object.defineProperty(plugin, Symbol.for(name), { value });
  }
  return withHandle(plugin, observer);
}

function routeOf({ request }: Exchange): string | undefined {
  return (request as FastifyRequest | undefined)?.routeOptions.url;
}

/** The server sees what routing refuses before any hook runs: malformed URLs, requests while closing. */
function watchServer(app: FastifyInstance, observer: Observer<FastifyRequest>): void {
  const server = app.server as Server;
  server.prependListener("request", (req, res) => {
    const path = pathOf(req.url ?? "/");
    if (observer.endpointAt(path) !== undefined) return;
    const exchange = observer.begin(req, res, path);
    // Elsewhere the hook sets it, at less cost; but routing refuses bad escapes and long parameters before any hook.
    if (exchange !== undefined && (path.length > 100 || path.includes("%"))) {
      res.setHeader(NAMES.headers.requestId, exchange.id);
    }
  });
  watchParserErrors(server, observer.refused.bind(observer));
}

function watchRequests(app: FastifyInstance, observer: Observer<FastifyRequest>): void {
  app.addHook("onRequest", (request, reply, done) => {
    const { raw } = request;
    let exchange = exchangeOf(raw);
    if (exchange === undefined) {
      // Not from the server: one of Seakeep's own paths, inject(), or a second address of listen().
      const path = pathOf(request.originalUrl);
      const endpoint = observer.endpointAt(path);
      if (endpoint !== undefined) {
        reply.hijack();
        observer.serve(endpoint, raw, reply.raw);
        return;
      }
      exchange = observer.begin(raw, reply.raw, path);
    }
    if (exchange?.owner === observer) claim(exchange, request, reply);
    observer.run(exchange, done);
  });
  if (observer.sentry === undefined) return;
  // Reading a body leaves the asynchronous context of the first hook.
  app.addHook("preValidation", (request, _reply, done) => observer.run(exchangeOf(request.raw), done));
  app.addHook("onError", async (_request, reply, error) => {
    // As Fastify decides: the error's own status, else the reply's if that is an error's, else 500.
    const status = error.statusCode ?? (reply.statusCode >= 400 ? reply.statusCode : 500);
    if (status >= 500) observer.sentry?.capture(error);
  });
}

function claim(exchange: Exchange, request: FastifyRequest, reply: FastifyReply): void {
  exchange.request = request;
  // So that the application's own log lines carry the id of the access log.
  (request as { id: string }).id = exchange.id;
  reply.header(NAMES.headers.requestId, exchange.id);
}

function watchRoutes(app: FastifyInstance, observer: Observer<FastifyRequest>): void {
  app.addHook("onRoute", (route) => {
    const routes = routesOf(route);
    if (observer.endpointAt(route.url) === undefined) observer.metrics.declareRoutes(routes);
    else if (routes.some(({ method }) => method !== "HEAD")) {
      observer.notice("this route is never reached: Seakeep answers on its path", { route: route.url });
    }
  });
  app.addHook("onReady", async () => {
    const missing = observer.service.slos.flatMap((slo) =>
      slo.routes.filter((route) => !isRegistered(app, route)).map((route) => ({ slo, route })),
    );
    for (const { slo, route } of missing) {
      observer.notice("an SLO names a route that the application has not registered", {
        slo: slo.name,
        route: formatRoute(route),
      });
    }
  });
}

function routesOf({ method, url }: RouteOptions): Route[] {
  const methods = Array.isArray(method) ? method : [method];
  return methods.filter((name) => METHODS.includes(name)).map((name) => ({ method: name, template: url }));
}

function isRegistered(app: FastifyInstance, { method, template }: Route): boolean {
  const methods = method === undefined ? app.supportedMethods : [method];
  return methods.some((name) => app.hasRoute({ method: name, url: template }));
}
