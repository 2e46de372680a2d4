import type { FastifyInstance } from "fastify";
import type { Log } from "./log.ts";

/** Work that outlives its request, and that the server waits for when it closes. A failure is logged. */
export function background(app: FastifyInstance, log: Log): (work: () => Promise<void>) => void {
  const running = new Set<Promise<void>>();
  app.addHook("onClose", async () => {
    await Promise.all(running);
  });
  return (work) => {
    const task = work()
      .catch((error: unknown) => log.error({ error }, "background work failed"))
      .finally(() => running.delete(task));
    running.add(task);
  };
}
