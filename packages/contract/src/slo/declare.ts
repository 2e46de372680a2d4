import * as v from "valibot";
import { leaf } from "../leaf.ts";
import type { Problems, Reporter } from "../problems.ts";
import { contains, formatRoute, nearestRoute, overlaps, parseRoute, type Route } from "../routes.ts";
import { errorBudget } from "../units.ts";
import { parsePartly } from "../validate.ts";
import { checkObjective } from "./objective.ts";
import type { Slo } from "./slo.ts";

/** What a kind function returns: an SLO as written, not yet checked. `defineService` resolves it. */
export interface SloDeclaration {
  readonly kind: string;
  /** The routes it claims for itself, as written. */
  readonly routes: unknown;
  readonly resolve: (scope: SloScope, path: string, problems: Problems) => Slo | undefined;
}

/** What an SLO may know of the service that declares it. */
export interface SloScope {
  /** SLO window, milliseconds. */
  readonly period: number;
  /** The routes the service declares; empty when it declares none. */
  readonly routes: readonly Route[];
  /** Routes claimed by narrower SLOs of a kind: a general SLO leaves them out. */
  readonly claimed: (kind: string) => readonly Route[];
}

/** What an SLO measures, once its options are known to make sense. */
interface Scope {
  readonly objective: number;
  readonly routes: readonly Route[];
  readonly except: readonly Route[];
}

/** Options that every kind takes. */
export interface CommonOptions {
  /** Label value and document heading, unique in the service; default: the kind, and its first route when it has any. */
  readonly name?: string | undefined;
  /** False: tickets only. Default true. */
  readonly page?: boolean | undefined;
  /** Fewest bad events in the long window before an alert may fire; default 5. */
  readonly minimumBadEvents?: number | undefined;
}

const SLO_NAME = "lower-case letters, digits and single hyphens, at most 63";

const COMMON = {
  name: v.optional(
    v.pipe(
      v.string("a short name such as checkout-latency"),
      v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, SLO_NAME),
      v.maxLength(63, SLO_NAME),
    ),
  ),
  page: v.optional(v.boolean("true or false")),
  minimumBadEvents: v.optional(leaf.count),
};

/** Bad events an alert asks for by default: enough that one retrying client at night is not a page. */
const MINIMUM_BAD_EVENTS = 5;

type Options<Entries extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;

/** A kind of SLO: its options, the checks only it knows, and what it measures. */
export interface Kind<Entries extends v.ObjectEntries> {
  readonly name: string;
  /** valibot entries of the options that only it has. */
  readonly entries: Entries;
  /** True when it can judge some routes only, and so takes `routes`. */
  readonly byRoute?: boolean;
  /** Objective in percent when the options have none; absent: the options must have one. */
  readonly objective?: number;
  /** Adds a problem for each value that is well formed and still makes no sense. */
  readonly check?: (options: Options<Entries>, at: Reporter) => void;
  readonly measure: (
    options: Options<Entries>,
    scope: Scope,
  ) => Pick<Slo, "events" | "sentence" | "bad" | "indicator" | "measurement"> &
    Partial<Pick<Slo, "edges" | "probe">>;
}

/** Makes the declaration of one SLO of a kind. Nothing is checked before `defineService` asks. */
export function declare<Entries extends v.ObjectEntries>(
  kind: Kind<Entries>,
  written: unknown,
): SloDeclaration {
  const entries = {
    ...COMMON,
    objective: kind.objective === undefined ? leaf.objective : v.optional(leaf.objective),
    ...(kind.byRoute === true ? { routes: v.optional(leaf.routes) } : {}),
    ...kind.entries,
  };
  const schema = v.strictObject(entries, "an object of options");
  return {
    kind: kind.name,
    routes: routesOf(written),
    resolve(scope, path, problems) {
      const before = problems.list.length;
      const { value, failed } = parsePartly(schema, written, path, problems);
      const at: Reporter = (key, got, wanted, fix) => problems.add(`${path}.${key}`, got, wanted, fix);
      const common = value as CommonOptions & { objective?: number; routes?: string[] };
      const routes = resolveRoutes(common.routes, scope, at);
      const objective = common.objective ?? kind.objective;
      const page = common.page ?? !failed.has("page");
      if (objective !== undefined && !failed.has("objective"))
        checkObjective(objective, page, scope.period, at);
      const own = value as Options<Entries>;
      if (!Object.keys(kind.entries).some((key) => failed.has(key))) kind.check?.(own, at);
      if (problems.list.length > before || objective === undefined) return undefined;
      const except = routes.length === 0 ? scope.claimed(kind.name) : [];
      return {
        kind: kind.name,
        name: common.name ?? defaultName(kind.name, routes),
        objective,
        budget: errorBudget(objective),
        page,
        minimumBadEvents: common.minimumBadEvents ?? MINIMUM_BAD_EVENTS,
        routes,
        except,
        edges: [],
        ...kind.measure(own, { objective, routes, except }),
      };
    },
  };
}

/** Read before anything is checked: a getter that throws is reported when the options are. */
function routesOf(written: unknown): unknown {
  try {
    return (written as { routes?: unknown } | null | undefined)?.routes;
  } catch {
    return undefined;
  }
}

function resolveRoutes(written: readonly string[] | undefined, scope: SloScope, at: Reporter): Route[] {
  if (written?.length === 0) {
    at(
      "routes",
      written,
      "at least one route",
      "Name the routes it judges, or leave routes out to judge all.",
    );
  }
  const named: Route[] = [];
  for (const [index, text] of (written ?? []).entries()) {
    const route = parseRoute(text);
    if (route === undefined) {
      at(`routes[${index}]`, text, '"METHOD /path" or "/path"', 'Write it like "POST /api/v1/upload/".');
      continue;
    }
    const other = named.find((earlier) => contains(earlier, route) || contains(route, earlier));
    if (other !== undefined) {
      at(`routes[${index}]`, text, "each route once", `Remove one: "${formatRoute(other)}" counts the same.`);
    }
    named.push(route);
    if (scope.routes.length > 0 && !scope.routes.some((declared) => overlaps(route, declared))) {
      const near = nearestRoute(route, scope.routes);
      at(
        `routes[${index}]`,
        text,
        "one of the service's routes",
        near === undefined
          ? "It matches none of them. Add it to routes, or correct it."
          : `It matches none of them. Did you mean "${near}"?`,
      );
    }
  }
  return named;
}

/**
 * `latency-post-api-v1-upload`: the kind, and the first route when it judges only some. It depends on nothing else,
 * so that adding or removing another SLO never renames this one and its history.
 */
function defaultName(kind: string, [first]: readonly Route[]): string {
  if (first === undefined) return kind;
  const slug = formatRoute(first)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 48)
    .replace(/^-|-$/g, "");
  return slug === "" ? kind : `${kind}-${slug}`;
}
