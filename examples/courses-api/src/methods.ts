import type { FastifyInstance } from "fastify";

/**
 * Remembers the routes registered after it, and tells which methods an address answers: none is a 404, others than the
 * one asked for a 405. Fastify's router does not tell the two apart.
 */
export function watchMethods(app: FastifyInstance): (url: string) => string[] {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook("onRoute", ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  return (url) => {
    const [path = ""] = url.split("?", 1);
    return [...routes.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? [...methods] : []));
  };
}

/** Our paths are letters, digits, slashes and parameters: nothing else needs a translation. */
function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replace(/:\w+/g, "[^/]+")}$`);
}
