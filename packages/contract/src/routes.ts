import { nearest } from "./nearest.ts";

/** A route as the framework's router knows it: its template, not a concrete path. */
export interface Route {
  /** Upper case; absent means every method. */
  readonly method?: string;
  /** `/api/v1/courses/:id/`: parameters start with a colon, a final `*` takes the rest, as the router writes it. */
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

/** A question mark begins a query, except after the name of an optional parameter: `/posts/:id?`. */
const ROUTE = /^(?:([A-Z]+) )?(\/(?:[^\s?#\p{C}]|(?<=:\w{1,64})\?(?=\/|$))*)$/u;
const LONGEST = 1000;

/**
 * Reads `"POST /api/v1/upload/"` or `"/healthz"`; `undefined` when it is neither.
 *
 * @example
 * parseRoute("GET /courses/:id"); // { method: "GET", template: "/courses/:id" }
 */
export function parseRoute(text: string): Route | undefined {
  if (text.length > LONGEST) return undefined;
  const [, method, template] = ROUTE.exec(text) ?? [];
  if (template === undefined) return undefined;
  if (method === undefined) return { template };
  return METHODS.includes(method) ? { method, template } : undefined;
}

/** Writes a route as it is declared: `POST /api/v1/upload/`. */
export function formatRoute({ method, template }: Route): string {
  return method === undefined ? template : `${method} ${template}`;
}

/** True when some request belongs to both routes. */
export function overlaps(one: Route, other: Route): boolean {
  if (one.template !== other.template) return false;
  return one.method === undefined || other.method === undefined || one.method === other.method;
}

/** True when every request of `inner` belongs to `outer` too. */
export function contains(outer: Route, inner: Route): boolean {
  return outer.template === inner.template && (outer.method === undefined || outer.method === inner.method);
}

/** The declared route that a name which matches none of them may have meant. */
export function nearestRoute(named: Route, declared: readonly Route[]): string | undefined {
  const sameTemplate = declared.find(({ template }) => template === named.template);
  if (sameTemplate !== undefined) return formatRoute(sameTemplate);
  return nearest(formatRoute(named), declared.map(formatRoute));
}

/** True when a request path that a template takes could begin with a prefix; parameters take anything. */
export function mayBegin(template: string, prefix: string): boolean {
  const segments = template.split("/");
  const wanted = prefix.split("/");
  return wanted.every((text, index) => {
    const segment = segments[index];
    if (segments.slice(0, index + 1).some((earlier) => earlier.endsWith("*"))) return true;
    if (segment === undefined) return false;
    if (/[:*(){}]/.test(segment)) return true;
    return index === wanted.length - 1 ? segment.startsWith(text) : segment === text;
  });
}
