import type { FastifyInstance } from "fastify";

/** Work that outlives its request, and that the server waits for when it closes. A failure is logged. */
export function background(app: FastifyInstance): (work: () => Promise<void>) => void {
  const running = new Set<Promise<void>>();
  app.addHook("onClose", async () => {
    await Promise.all(running);
  });
  return (work) => {
    const task = work()
      .catch((error: unknown) => app.log.error(error))
      .finally(() => running.delete(task));
    running.add(task);
  };
}
