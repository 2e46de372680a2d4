import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Log } from "./log.ts";

/**
 * When the app is told to close, `/readyz` says no at once; requests are taken for `drainMs` more, and each answer
 * ends its connection. A client would else keep the connection of its last request alive, and the server would wait
 * for it to the deadline.
 */
export function closeGently(app: FastifyInstance, drainMs: number): void {
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
    await delay(drainMs);
  });
  app.addHook("onSend", async (_request, reply) => {
    if (closing) reply.header("connection", "close");
  });
}

export interface Stopping {
  readonly app: FastifyInstance;
  /** What to let go of once no request needs it any more. */
  readonly release: () => Promise<void>;
  readonly log: Log;
  readonly timeoutMs: number;
}

/**
 * On SIGTERM or SIGINT: takes nothing new, answers what is under way, lets go of the rest, and ends with 0;
 * or with 1, when that takes longer than the deadline or fails.
 */
export function stopOnSignal({ app, release, log, timeoutMs }: Stopping): void {
  const stop = async (signal: string) => {
    log.info({ signal }, "stopping");
    setTimeout(() => {
      log.error({ timeout_ms: timeoutMs }, "did not stop in time");
      process.exit(1);
    }, timeoutMs).unref(); // unref: it must not itself keep the process
    try {
      await app.close();
      await release();
      log.info({}, "stopped");
    } catch (error) {
      log.error({ error }, "did not stop cleanly");
      process.exitCode = 1;
    }
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
}
