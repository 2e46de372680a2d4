import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { Request } from "express";
import { exchangeOf } from "../../exchange.ts";
import type { Observer } from "../../observer.ts";

/** Where Express's router (2.3 and above) tells of an error, at its origin and once. */
const CHANNEL = "tracing:express.router.request:error";

interface RouterError {
  readonly req?: IncomingMessage;
  readonly error?: unknown;
}

/**
 * Reports the errors of an observed application to Sentry, when that is on. Middleware alone would see none: they go
 * to error handlers, which stand at the end.
 */
export function captureErrors(observer: Observer<Request>): void {
  const listen = () => {
    if (observer.sentry === undefined) return;
    subscribe(CHANNEL, (message) => {
      const { req, error } = message as RouterError;
      if (req === undefined || exchangeOf(req)?.owner !== observer) return;
      if (isServerError(error)) observer.sentry?.capture(error);
    });
  };
  observer.ready.then(listen, () => observer.fault("sentry"));
}

/** Errors say the status they want, as http-errors does; without one Express answers 500. */
function isServerError(error: unknown): boolean {
  const { status, statusCode } = (error ?? {}) as { status?: unknown; statusCode?: unknown };
  const wanted = Number(status ?? statusCode ?? 500);
  return !(wanted < 500);
}
