import type { MetricNames } from "../names.ts";
import type { Route } from "../routes.ts";

/** Series selectors that together hold the requests of some routes, each request in exactly one. */
export interface RequestScope {
  readonly names: MetricNames;
  readonly job: string;
  readonly routes: readonly Route[];
  readonly except: readonly Route[];
}

/**
 * `sum(increase(...))` of a request counter over the routes of an SLO.
 *
 * Routes are pairs of method and template, and PromQL matchers cannot express a set of pairs: each method gets a
 * selector of its own, joined by `or`, which is a union since no series is in two of them.
 */
export function requestCount(scope: RequestScope, metric: string, window: string, matchers = ""): string {
  const parts = selectors(scope, matchers).map((selector) => `increase(${metric}{${selector}}[${window}])`);
  return `sum(${parts.join(" or ")})`;
}

function selectors({ names, job, routes, except }: RequestScope, matchers: string): string[] {
  const { method: methodLabel, route: routeLabel } = names.labels;
  const base = matchers === "" ? job : `${job},${matchers}`;
  const isAny = (list: readonly Route[]) => `${routeLabel}=~${quote(alternatives(list))}`;
  const isNone = (list: readonly Route[]) => `${routeLabel}!~${quote(alternatives(list))}`;

  if (routes.length > 0) {
    return [...byMethod(disjoint(routes))].map(([method, group]) =>
      method === undefined
        ? `${base},${isAny(group)}`
        : `${base},${methodLabel}=${quote(method)},${isAny(group)}`,
    );
  }
  if (except.length === 0) return [base];
  // Everything but a set of pairs: the templates that no exception names, then, for each template of which only
  // some methods are excepted, its other methods.
  const result = [`${base},${isNone(except)}`];
  const paired = disjoint(except).filter((route) => route.method !== undefined);
  for (const template of new Set(paired.map((route) => route.template))) {
    const methods = paired.filter((route) => route.template === template).map((route) => route.method!);
    result.push(`${base},${methodLabel}!~${quote(methods.join("|"))},${routeLabel}=${quote(template)}`);
  }
  return result;
}

/** The same requests without routes that another one contains. */
function disjoint(routes: readonly Route[]): Route[] {
  const everyMethod = new Set(
    routes.filter(({ method }) => method === undefined).map(({ template }) => template),
  );
  return routes.filter(({ method, template }) => method === undefined || !everyMethod.has(template));
}

function byMethod(routes: readonly Route[]): Map<string | undefined, Route[]> {
  const groups = new Map<string | undefined, Route[]>();
  for (const route of routes) groups.set(route.method, [...(groups.get(route.method) ?? []), route]);
  return groups;
}

function alternatives(routes: readonly Route[]): string {
  return [...new Set(routes.map(({ template }) => escapeRegex(template)))].join("|");
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A PromQL string literal. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(CONTROL, escapeControl)}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand in a literal
const CONTROL = /[\u0000-\u001f\u007f]/g;

function escapeControl(character: string): string {
  return character === "\n" ? "\\n" : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** A matcher for a bucket edge. Prometheus 2 stores whole edges as `1`, Prometheus 3 as `1.0`. */
export function edgeMatcher(seconds: number): string {
  return Number.isInteger(seconds) ? `le=~"${seconds}([.]0)?"` : `le="${seconds}"`;
}
