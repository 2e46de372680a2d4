import type { Server } from "node:http";
import { NAMES, type Service } from "@seakeep/contract";
import type { NextFunction, Request, Response } from "express";
import type { Exchange } from "../../exchange.ts";
import { type ObserveHandle, Observer, withHandle } from "../../observer.ts";
import type { ObserveOptions } from "../../options.ts";
import { watchParserErrors } from "../../parser-errors.ts";
import { declaredRoutes, routeMatcher } from "../../route-matcher.ts";
import { pathOf } from "../../url-path.ts";
import { captureErrors } from "./errors.ts";
import { type Routed, RouteIndex } from "./route-index.ts";

export * from "../shared.ts";

/** Middleware for `app.use`. */
export type ObserveMiddleware = ((req: Request, res: Response, next: NextFunction) => void) & ObserveHandle;

/**
 * Observes an Express application. Use it before everything else: what answers earlier is not seen.
 *
 * @throws {SeakeepError} `SK-RUNTIME-001` for options that are not valid
 * @example
 * const app = express();
 * app.use(observe(service));
 * app.get("/hello", (req, res) => res.send("hello\n"));
 */
export function observe(service: Service, options?: ObserveOptions<Request>): ObserveMiddleware {
  const declared = declaredRoutes(service);
  const match = routeMatcher(declared);
  const index = new RouteIndex(declared, (routes) => observer.metrics.declareRoutes(routes));
  const routeOf = ({ req, path }: Exchange) =>
    index.templateOf(req as Routed, path) ?? match(req.method ?? "GET", path);
  const observer: Observer<Request> = new Observer(service, options, routeOf);
  const refused = observer.refused.bind(observer);

  const middleware = (req: Request, res: Response, next: NextFunction) => {
    const path = pathOf(req.originalUrl);
    const endpoint = observer.endpointAt(path);
    if (endpoint !== undefined) {
      observer.serve(endpoint, req, res);
      return;
    }
    index.root = (req as unknown as Routed).app;
    const exchange = observer.begin(req, res, path);
    if (exchange !== undefined) {
      exchange.request = req;
      res.setHeader(NAMES.headers.requestId, exchange.id);
    }
    watchParserErrors((req.socket as { server?: Server }).server, refused);
    if (observer.sentry === undefined) next();
    else observer.run(exchange, next);
  };
  // Listening makes the router trace every layer: only when somebody wants to know.
  const listen = () => (observer.sentry === undefined ? undefined : captureErrors());
  observer.ready.then(listen, () => observer.fault("sentry"));
  return withHandle(middleware, observer);
}
