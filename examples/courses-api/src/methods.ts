import type { FastifyInstance } from "fastify";
import { Problem } from "./problem.ts";

/**
 * Answers 405 with `Allow` where a path exists but not with this method; without it that would be a 404.
 *
 * @returns a function to call when all routes are registered.
 */
export function watchMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    known.set(url, methods);
  });
  return () => {
    for (const [url, allowed] of [...known]) {
      const headers = { allow: [...allowed].join(", ") };
      app.route({
        url,
        method: app.supportedMethods.filter((method) => !allowed.has(method)),
        schema: { hide: true },
        onRequest: async () => {
          throw new Problem(405, `Here only ${headers.allow} is answered.`, headers);
        },
        handler: () => undefined,
      });
    }
  };
}
