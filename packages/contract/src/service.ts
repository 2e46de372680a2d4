import * as v from "valibot";
import { periodDivides } from "./budget.ts";
import { SeakeepError } from "./errors.ts";
import { declarationHash } from "./hash.ts";
import { leaf } from "./leaf.ts";
import type { Naming } from "./names.ts";
import { formatRoute, parseRoute, type Route } from "./routes.ts";
import type { SloDeclaration, SloScope } from "./slo/declare.ts";
import type { Slo } from "./slo/slo.ts";
import { formatDuration, milliseconds } from "./units.ts";
import { nearest, Problems, parse } from "./validate.ts";

/** What a service promises, as written in `service.ts`. */
export interface ServiceDeclaration {
  /** Lower-case letters, digits and hyphens; also the Prometheus job. */
  readonly name: string;
  /** The team that is paged. */
  readonly owner: string;
  /** Period over which the objectives hold; default `"30d"`. 28d to 90d, or 7d, 14d, 21d. */
  readonly window?: string;
  /** Metric names; default `"prometheus"`. */
  readonly naming?: Naming;
  readonly slos: readonly SloDeclaration[];
  /**
   * Every route, such as `"GET /courses/:id"`. Declared routes always have series of their own, whatever an attacker
   * sends, and a route named elsewhere in the declaration is checked against them.
   */
  readonly routes?: readonly string[];
  /** Most data (rpo) and most time (rto) that a disaster may cost. */
  readonly recovery?: { readonly rpo: string; readonly rto: string };
  readonly audit?: {
    /** Path prefixes on which every answer with status >= 400 is a security event. */
    readonly sensitive: readonly string[];
  };
  /** Where runbooks are; alerts link to `<runbooks>#<slo>`. */
  readonly runbooks?: string;
}

/** A checked declaration: durations in milliseconds, defaults filled in, SLOs resolved. Frozen. */
export interface Service {
  readonly name: string;
  readonly owner: string;
  /** Milliseconds. */
  readonly window: number;
  readonly naming: Naming;
  readonly slos: readonly Slo[];
  readonly routes: readonly Route[];
  /** Milliseconds. */
  readonly recovery?: { readonly rpo: number; readonly rto: number };
  readonly audit: { readonly sensitive: readonly string[] };
  readonly runbooks?: string;
  /** Histogram bucket edges, seconds, ascending: the defaults and every declared threshold. */
  readonly edges: readonly number[];
  /** SHA-256 of the declaration, hex, first 16 digits: generated output carries it, the running service reports it. */
  readonly hash: string;
}

/** Prometheus' own default buckets, seconds. */
const DEFAULT_EDGES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const NAME_WANTED = "lower-case letters, digits and hyphens, at most 63, beginning with a letter";

const SCHEMA = v.strictObject(
  {
    name: v.pipe(v.string(NAME_WANTED), v.regex(NAME, NAME_WANTED), v.maxLength(63, NAME_WANTED)),
    owner: v.pipe(v.string("the name of a team"), v.regex(/^[^\s"\\][^\n"\\]{0,62}$/, "the name of a team")),
    window: v.optional(leaf.duration),
    naming: v.optional(v.picklist(["prometheus", "otel"], '"prometheus" or "otel"')),
    slos: v.pipe(
      v.array(
        v.custom<SloDeclaration>(isSloDeclaration, "an SLO such as errors({ objective: 99 })"),
        "a list of SLOs",
      ),
      v.minLength(1, "at least one SLO"),
    ),
    routes: v.optional(leaf.routes),
    recovery: v.optional(
      v.strictObject(
        { rpo: leaf.duration, rto: leaf.duration },
        'an object such as { rpo: "24h", rto: "1h" }',
      ),
    ),
    audit: v.optional(
      v.strictObject(
        { sensitive: v.array(leaf.path, "a list of path prefixes") },
        'an object such as { sensitive: ["/login"] }',
      ),
    ),
    runbooks: v.optional(v.pipe(v.string("an http(s) URL"), v.url("an http(s) URL"))),
  },
  "an object",
);

/**
 * Declares what a service promises. The one source of buckets, rules, dashboards, documents and gates.
 *
 * @throws {SeakeepError} `SK-SERVICE-001` with every problem at once: path, what was got, what was wanted, the fix.
 * @example
 * export const service = defineService({
 *   name: "courses-api",
 *   owner: "learning",
 *   slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "500ms" })],
 * });
 */
export function defineService(declaration: ServiceDeclaration): Service {
  const problems = new Problems();
  const service = resolve(declaration, problems);
  if (service === undefined || problems.list.length > 0) {
    const count = problems.list.length;
    const what = `The service declaration has ${count} problem${count === 1 ? "" : "s"}:\n${problems}`;
    throw new SeakeepError("SK-SERVICE-001", what, { problems: problems.list });
  }
  return service;
}

function resolve(declaration: ServiceDeclaration, problems: Problems): Service | undefined {
  const parsed = parse(SCHEMA, declaration, "", problems);
  // A wrong top level must not hide what is wrong inside the SLOs, nor the other way round.
  const window = resolveWindow(
    parsed?.window ?? readable(declaration, "window"),
    problems,
    parsed !== undefined,
  );
  const routes = resolveRoutes(parsed?.routes ?? [], problems);
  const slos = resolveSlos(slosOf(declaration), { period: window, routes }, problems);
  if (parsed === undefined) return undefined;
  checkSensitive(parsed.audit?.sensitive ?? [], routes, problems);
  const recovery = resolveRecovery(parsed.recovery, problems);
  const resolved = {
    name: parsed.name,
    owner: parsed.owner,
    window,
    naming: parsed.naming ?? "prometheus",
    slos,
    routes,
    ...(recovery === undefined ? {} : { recovery }),
    audit: { sensitive: parsed.audit?.sensitive ?? [] },
    ...(parsed.runbooks === undefined ? {} : { runbooks: parsed.runbooks }),
    edges: [...new Set([...DEFAULT_EDGES, ...slos.flatMap((slo) => slo.edges)])].sort((a, b) => a - b),
  };
  return Object.freeze({ ...resolved, hash: declarationHash(resolved) });
}

const DEFAULT_WINDOW = "30d";
const DAY = 86_400_000;

function resolveWindow(written: string | undefined, problems: Problems, reportable: boolean): number {
  const window = milliseconds(written ?? DEFAULT_WINDOW) ?? milliseconds(DEFAULT_WINDOW)!;
  const fits = window % DAY === 0 && window >= 7 * DAY && window <= 90 * DAY && periodDivides(window);
  if (fits) return window;
  if (reportable) {
    problems.add(
      "window",
      written,
      "7d, 14d, 21d, or whole days from 28d to 90d",
      "The burn-rate windows are cut from it and must come out in whole seconds. The usual choice is 30d, or 28d " +
        "for whole weeks.",
    );
  }
  return milliseconds(DEFAULT_WINDOW)!;
}

function resolveRoutes(written: readonly string[], problems: Problems): Route[] {
  const seen = new Map<string, number>();
  return written.flatMap((text, index) => {
    const route = parseRoute(text);
    if (route === undefined) {
      const fix = 'Write it like "GET /api/v1/courses/:id/", as the router knows it.';
      problems.add(`routes[${index}]`, text, '"METHOD /path" or "/path"', fix);
      return [];
    }
    const first = seen.get(formatRoute(route));
    if (first !== undefined) {
      problems.add(
        `routes[${index}]`,
        text,
        "each route once",
        `Remove it: it stands at routes[${first}] already.`,
      );
    }
    seen.set(formatRoute(route), index);
    return [route];
  });
}

function resolveSlos(
  written: readonly SloDeclaration[],
  scope: Pick<SloScope, "period" | "routes">,
  problems: Problems,
): Slo[] {
  const claimed = (kind: string) =>
    written
      .filter((declared) => declared.kind === kind && Array.isArray(declared.routes))
      .flatMap((declared) => (declared.routes as unknown[]).map((text) => parseRoute(String(text)) ?? []))
      .flat();
  const names = new Map<string, number>();
  return written.flatMap((declared, index) => {
    const slo = declared.resolve({ ...scope, claimed }, `slos[${index}]`, problems);
    if (slo === undefined) return [];
    const first = names.get(slo.name);
    if (first !== undefined) {
      const fix = `Give it a name of its own, such as "${slo.name}-strict": slos[${first}] has this one.`;
      problems.add(`slos[${index}].name`, slo.name, "a name no other SLO has", fix);
    }
    names.set(slo.name, index);
    return [slo];
  });
}

function checkSensitive(prefixes: readonly string[], routes: readonly Route[], problems: Problems): void {
  if (routes.length === 0) return;
  const templates = routes.map(({ template }) => template);
  prefixes.forEach((prefix, index) => {
    if (templates.some((template) => template.startsWith(prefix))) return;
    const near = nearest(prefix, templates);
    const fix =
      near === undefined
        ? "No declared route begins with it. Correct it, or declare the route."
        : `No declared route begins with it. Did you mean "${near}"?`;
    problems.add(`audit.sensitive[${index}]`, prefix, "a prefix of a declared route", fix);
  });
}

function resolveRecovery(
  written: { rpo: string; rto: string } | undefined,
  problems: Problems,
): Service["recovery"] | undefined {
  if (written === undefined) return undefined;
  const recovery = { rpo: milliseconds(written.rpo)!, rto: milliseconds(written.rto)! };
  for (const key of ["rpo", "rto"] as const) {
    if (recovery[key] > 0) continue;
    const fix = 'Zero loss needs replication, not backups. Write what a backup can keep, such as "24h".';
    problems.add(`recovery.${key}`, formatDuration(recovery[key]), "a duration above zero", fix);
  }
  return recovery;
}

function isSloDeclaration(value: unknown): boolean {
  return typeof (value as { resolve?: unknown } | null)?.resolve === "function";
}

function slosOf(declaration: unknown): SloDeclaration[] {
  const slos = (declaration as { slos?: unknown } | null)?.slos;
  return Array.isArray(slos) ? slos.filter(isSloDeclaration) : [];
}

function readable(declaration: unknown, key: string): string | undefined {
  const value = (declaration as Record<string, unknown> | null)?.[key];
  return typeof value === "string" ? value : undefined;
}
