import type { IncomingMessage } from "node:http";
import { exchangeOf } from "./exchange.ts";

/**
 * The id of a request, as it stands in the access log and in the reply's `X-Request-ID`; `undefined` for a request
 * that is not observed. Takes Node's request or a framework's.
 *
 * @example
 * app.get("/", (req, res) => res.send(`your request is ${requestId(req)}`));
 */
export function requestId(request: IncomingMessage | { readonly raw: IncomingMessage }): string | undefined {
  return exchangeOf("raw" in request ? request.raw : request)?.id;
}
