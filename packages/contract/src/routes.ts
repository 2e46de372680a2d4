/** A route as the framework's router knows it: its template, not a concrete path. */
export interface Route {
  /** Upper case; absent means every method. */
  readonly method?: string;
  /** `/api/v1/courses/:id/`: parameters start with a colon, a final `*` takes the rest. */
  readonly template: string;
}

/** Methods of RFC 9110 and RFC 5789; any other is counted as one. */
export const METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "TRACE",
];

const ROUTE = /^(?:([A-Z]+) )?(\/[^\s?#]*)$/;

/**
 * Reads `"POST /api/v1/upload/"` or `"/healthz"`; `undefined` when it is neither.
 *
 * @example
 * parseRoute("GET /courses/:id"); // { method: "GET", template: "/courses/:id" }
 */
export function parseRoute(text: string): Route | undefined {
  const [, method, template] = ROUTE.exec(text) ?? [];
  if (template === undefined) return undefined;
  if (method === undefined) return { template };
  return METHODS.includes(method) ? { method, template } : undefined;
}

export function formatRoute({ method, template }: Route): string {
  return method === undefined ? template : `${method} ${template}`;
}

/** True when a route named in an SLO stands for the declared one. */
export function covers(named: Route, declared: Route): boolean {
  if (named.template !== declared.template) return false;
  return named.method === undefined || declared.method === undefined || named.method === declared.method;
}
