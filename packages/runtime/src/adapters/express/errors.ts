import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { exchangeOf } from "../../exchange.ts";
import { Observer } from "../../observer.ts";

/** Where Express's router (2.3 and above) tells of an error, at its origin and once. */
const CHANNEL = "tracing:express.router.request:error";

interface RouterError {
  readonly req?: IncomingMessage;
  readonly error?: unknown;
}

let listening = false;

/**
 * Reports the errors of observed applications to Sentry, when that is on. Middleware alone would see none: they go to
 * error handlers, which stand at the end. One subscription, however many observers come and go.
 */
export function captureErrors(): void {
  if (listening) return;
  listening = true;
  subscribe(CHANNEL, (message) => {
    const { req, error } = message as RouterError;
    const owner = req === undefined ? undefined : exchangeOf(req)?.owner;
    if (owner instanceof Observer && isServerError(error)) owner.sentry?.capture(error);
  });
}

/** Errors say the status they want, as http-errors does; without one Express answers 500. */
function isServerError(error: unknown): boolean {
  const { status, statusCode } = (error ?? {}) as { status?: unknown; statusCode?: unknown };
  const wanted = Number(status ?? statusCode ?? 500);
  return !(wanted < 500);
}
