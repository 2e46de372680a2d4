import * as v from "valibot";
import { burnWindows, LOWEST_PAGING_OBJECTIVE } from "../budget.ts";
import { leaf } from "../leaf.ts";
import { covers, formatRoute, parseRoute, type Route } from "../routes.ts";
import { errorBudget, formatDuration, round } from "../units.ts";
import { nearest, type Problems, parse } from "../validate.ts";
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
  /** Label value and document heading, unique in the service; default: the kind, and its routes when it has any. */
  readonly name?: string;
  /** False: tickets only. Default true. */
  readonly page?: boolean;
  /** Fewest bad events in the long window before an alert may fire; default 5. */
  readonly minimumBadEvents?: number;
}

const COMMON = {
  name: v.optional(
    v.pipe(
      v.string("a short name such as checkout-latency"),
      v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case letters, digits and single hyphens"),
    ),
  ),
  page: v.optional(v.boolean("true or false")),
  minimumBadEvents: v.optional(leaf.count),
};

/** Bad events an alert asks for by default: enough that one retrying client at night is not a page. */
const MINIMUM_BAD_EVENTS = 5;

/** A kind of SLO: its options, the checks only it knows, and what it measures. */
export interface Kind<Entries extends v.ObjectEntries> {
  readonly name: string;
  /** valibot entries of its own options. */
  readonly entries: Entries;
  /** Objective in percent when the options have none. */
  readonly objective?: number;
  /** Adds a problem for each value that is well formed and still makes no sense. */
  readonly check: (options: v.InferOutput<v.StrictObjectSchema<Entries, undefined>>, at: Reporter) => void;
  readonly measure: (
    options: v.InferOutput<v.StrictObjectSchema<Entries, undefined>>,
    scope: Scope,
  ) => Pick<Slo, "events" | "sentence" | "bad" | "indicator"> & Partial<Pick<Slo, "edges" | "probe">>;
}

type Reporter = (key: string, got: unknown, wanted: string, fix: string) => void;

/** Makes the declaration of one SLO of a kind. Nothing is checked before `defineService` asks. */
export function declare<Entries extends v.ObjectEntries>(
  kind: Kind<Entries>,
  written: unknown,
): SloDeclaration {
  const schema = v.strictObject({ ...COMMON, ...kind.entries }, "an object of options");
  return {
    kind: kind.name,
    routes: (written as { routes?: unknown } | undefined)?.routes,
    resolve(scope, path, problems) {
      const parsed = parse(schema, written, path, problems);
      if (parsed === undefined) return undefined;
      const before = problems.list.length;
      const at: Reporter = (key, got, wanted, fix) => problems.add(`${path}.${key}`, got, wanted, fix);
      const common = parsed as CommonOptions & { objective?: number; routes?: string[] };
      const routes = resolveRoutes(common.routes ?? [], scope, at);
      const objective = common.objective ?? kind.objective ?? Number.NaN;
      checkObjective(objective, common.page ?? true, scope.period, at);
      const own = parsed as v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;
      kind.check(own, at);
      if (problems.list.length > before) return undefined;
      const except = routes.length === 0 ? scope.claimed(kind.name) : [];
      return {
        kind: kind.name,
        name: common.name ?? defaultName(kind.name, routes),
        objective,
        budget: errorBudget(objective),
        page: common.page ?? true,
        minimumBadEvents: common.minimumBadEvents ?? MINIMUM_BAD_EVENTS,
        routes,
        except,
        edges: [],
        ...kind.measure(own, { objective, routes, except }),
      };
    },
  };
}

function checkObjective(objective: number, page: boolean, period: number, at: Reporter): void {
  if (!(objective > 0 && objective < 100)) {
    at(
      "objective",
      objective,
      "a percentage above 0 and below 100",
      objective >= 100
        ? "Nothing is always up: 100 leaves no error budget. Write what users need, such as 99.9."
        : "Write the percentage of events that must be good, such as 99.9.",
    );
    return;
  }
  if (objective < 1) {
    at(
      "objective",
      objective,
      "a percentage, not a share of 1",
      `Objectives are percentages: write ${round(objective * 100)} for ${objective}.`,
    );
    return;
  }
  if (page && objective < LOWEST_PAGING_OBJECTIVE) {
    const [fastest] = burnWindows(errorBudget(objective), period);
    at(
      "objective",
      objective,
      `at least ${LOWEST_PAGING_OBJECTIVE} for an SLO that pages`,
      `It can never page: ${100 - objective} % of failures are allowed, and even a total outage for ` +
        `${formatDuration(fastest!.long)} is ordinary spending. Raise the objective, or set page: false for tickets only.`,
    );
    return;
  }
  const slowest = burnWindows(errorBudget(objective), period).filter(({ severity }) => severity === "ticket");
  if (slowest.every(({ threshold }) => threshold >= 1)) {
    at(
      "objective",
      objective,
      "an objective whose alerts can fire",
      "Even a total outage stays below every threshold. Raise the objective.",
    );
  }
}

function resolveRoutes(written: readonly string[], scope: SloScope, at: Reporter): Route[] {
  return written.flatMap((text, index) => {
    const route = parseRoute(text);
    if (route === undefined) {
      at(`routes[${index}]`, text, '"METHOD /path" or "/path"', 'Write it like "POST /api/v1/upload/".');
      return [];
    }
    if (scope.routes.length > 0 && !scope.routes.some((declared) => covers(route, declared))) {
      const near = nearest(text, scope.routes.map(formatRoute));
      at(
        `routes[${index}]`,
        text,
        "one of the service's routes",
        near === undefined
          ? "It matches none of them. Add it to routes, or correct it."
          : `It matches none of them. Did you mean "${near}"?`,
      );
    }
    return [route];
  });
}

/** `latency-post-api-v1-upload`: the kind, and the first route when it judges only some. */
function defaultName(kind: string, [first]: readonly Route[]): string {
  if (first === undefined) return kind;
  const slug = formatRoute(first)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return slug === "" ? kind : `${kind}-${slug}`;
}
