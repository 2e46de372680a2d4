import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { NAMES, SeakeepError, type Service } from "@seakeep/contract";
import type { Exchange } from "../../exchange.ts";
import { type ObserveHandle, Observer, withHandle } from "../../observer.ts";
import type { ObserveOptions } from "../../options.ts";
import { watchParserErrors } from "../../parser-errors.ts";
import { declaredRoutes, routeMatcher } from "../../route-matcher.ts";
import { pathOf } from "../../url-path.ts";

export * from "../shared.ts";

/** A listener as `http.createServer` takes it. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

/** Listeners that are observed; by symbol, so that two copies of this module know each other's. */
const OBSERVED = Symbol.for("seakeep.observed");

/**
 * Observes a plain `node:http` (or `node:https`) listener. There is no router to ask, so a request falls under the
 * service's declared `routes`.
 *
 * @throws {SeakeepError} `SK-RUNTIME-001` for options that are not valid, `SK-RUNTIME-002` for a listener that is
 *   observed already
 * @example
 * const server = http.createServer(observe(service, (req, res) => res.end("hello\n")));
 * server.listen(3000);
 */
export function observe(
  service: Service,
  listener: Listener,
  options?: ObserveOptions<IncomingMessage>,
): Listener & ObserveHandle {
  if (OBSERVED in listener)
    throw new SeakeepError("SK-RUNTIME-002", "observe() was given an observed listener.");
  const match = routeMatcher(declaredRoutes(service));
  const routeOf = ({ req, path }: Exchange) => match(req.method ?? "GET", path);
  const observer = new Observer(service, options, routeOf);
  const refused = observer.refused.bind(observer);

  function observed(this: unknown, req: IncomingMessage, res: ServerResponse): unknown {
    const path = pathOf(req.url ?? "/");
    const endpoint = observer.endpointAt(path);
    if (endpoint !== undefined) return observer.serve(endpoint, req, res);
    const exchange = observer.begin(req, res, path);
    if (exchange !== undefined) {
      exchange.request = req;
      res.setHeader(NAMES.headers.requestId, exchange.id);
    }
    watchParserErrors((req.socket as { server?: Server }).server, refused);
    if (observer.sentry === undefined) return listener.call(this, req, res);
    return observer.run(exchange, () => capturing(observer, () => listener.call(this, req, res)));
  }
  Object.defineProperty(observed, OBSERVED, { value: true });
  return withHandle(observed, observer);
}

/** Reports what a listener throws or rejects with, and lets it go on to wherever it went before. */
function capturing(observer: Observer<IncomingMessage>, work: () => unknown): unknown {
  const report = (error: unknown): never => {
    observer.sentry?.capture(error);
    throw error;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.catch(report) : result;
  } catch (error) {
    return report(error);
  }
}
