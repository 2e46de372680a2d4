import * as v from "valibot";
import { periodDivides } from "./budget.ts";
import { SeakeepError } from "./errors.ts";
import { deepFreeze } from "./freeze.ts";
import { declarationHash } from "./hash.ts";
import { leaf } from "./leaf.ts";
import type { Naming } from "./names.ts";
import { nearest } from "./nearest.ts";
import { Problems } from "./problems.ts";
import { formatRoute, mayBegin, parseRoute, type Route } from "./routes.ts";
import type { SloDeclaration } from "./slo/declare.ts";
import { isSloDeclaration, resolveSlos } from "./slo/resolve.ts";
import type { Slo } from "./slo/slo.ts";
import { milliseconds } from "./units.ts";
import { parsePartly } from "./validate.ts";

/** What a service promises, as written in `service.ts`. */
export interface ServiceDeclaration {
  /** Lower-case letters, digits and hyphens, at most 63; also the Prometheus job. */
  readonly name: string;
  /** The team that is paged. */
  readonly owner: string;
  /** Period over which the objectives hold; default `"30d"`. 28d to 90d, or 7d, 14d, 21d. */
  readonly window?: string | undefined;
  /** Metric names; default `"prometheus"`. */
  readonly naming?: Naming | undefined;
  readonly slos: readonly SloDeclaration[];
  /**
   * Every route, such as `"GET /courses/:id"`. Declared routes always have series of their own, whatever an attacker
   * sends, and a route named elsewhere in the declaration is checked against them.
   */
  readonly routes?: readonly string[] | undefined;
  /** Most data (rpo) and most time (rto) that a disaster may cost. */
  readonly recovery?: { readonly rpo: string; readonly rto: string } | undefined;
  readonly audit?:
    | {
        /** Path prefixes, without parameters, on which every answer with status >= 400 is a security event. */
        readonly sensitive: readonly string[];
      }
    | undefined;
  /** Where runbooks are, an http(s) URL without a fragment; alerts link to `<runbooks>#<slo>`. */
  readonly runbooks?: string | undefined;
}

/** A checked declaration: durations in milliseconds, defaults filled in, SLOs resolved. Frozen to the bottom. */
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

/** A DNS label that begins with a letter (RFC 1035), so that it can also name a host or a Kubernetes object. */
const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const NAME_WANTED = "lower-case letters, digits and hyphens, at most 63, beginning with a letter";

const OWNER = /^[^\s\p{C}"\\][^\p{C}"\\]{0,62}$/u;
const OWNER_WANTED = "the name of a team, at most 63 characters, without quotes or backslashes";

const RUNBOOKS_WANTED = "an http(s) URL without user, password and fragment";

/** What the job of a service's black-box probe is called after it. */
const PROBE_SUFFIX = "-probe";

const SCHEMA = v.strictObject(
  {
    name: v.pipe(v.string(NAME_WANTED), v.regex(NAME, NAME_WANTED), v.maxLength(63, NAME_WANTED)),
    owner: v.pipe(v.string(OWNER_WANTED), v.regex(OWNER, OWNER_WANTED)),
    window: v.optional(leaf.duration),
    naming: v.optional(v.picklist(["prometheus", "otel"], '"prometheus" or "otel"')),
    slos: v.pipe(
      v.array(
        v.custom<unknown>(isSloDeclaration, "an SLO such as errors({ objective: 99 })"),
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
    runbooks: v.optional(v.string(RUNBOOKS_WANTED)),
  },
  'an object such as { name: "courses-api", owner: "learning", slos: [errors({ objective: 99 })] }',
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
  const count = problems.list.length;
  if (service === undefined || count > 0) {
    const what = `The service declaration has ${count} problem${count === 1 ? "" : "s"}:\n${problems}`;
    throw new SeakeepError("SK-SERVICE-001", what, { problems: deepFreeze(problems.list) });
  }
  return service;
}

function resolve(declaration: unknown, problems: Problems): Service | undefined {
  const { value, raw, failed } = parsePartly(SCHEMA, declaration, "", problems);
  // A mistake in one key must not hide those of the others: each is looked at as far as it can be read.
  if (value.name !== undefined) checkName(value.name, problems);
  const window = resolveWindow(value.window, problems);
  const routes = resolveRoutes(value.routes ?? [], problems);
  const slos = resolveSlos(Array.isArray(raw.slos) ? raw.slos : [], { period: window, routes }, problems);
  const sensitive = value.audit?.sensitive ?? [];
  checkSensitive(sensitive, routes, problems);
  const recovery = resolveRecovery(value.recovery, problems);
  if (value.runbooks !== undefined) checkRunbooks(value.runbooks, problems);
  const { name, owner, runbooks } = value;
  if (failed.size > 0 || name === undefined || owner === undefined) return undefined;
  const resolved = {
    name,
    owner,
    window,
    naming: value.naming ?? "prometheus",
    slos,
    routes,
    ...(recovery === undefined ? {} : { recovery }),
    audit: { sensitive },
    ...(runbooks === undefined ? {} : { runbooks }),
    edges: [...new Set([...DEFAULT_EDGES, ...slos.flatMap((slo) => slo.edges)])].sort((a, b) => a - b),
  };
  return deepFreeze({ ...resolved, hash: declarationHash(resolved) });
}

function checkName(name: string, problems: Problems): void {
  if (!name.endsWith(PROBE_SUFFIX)) return;
  const fix = `The job that probes a service is called <name>${PROBE_SUFFIX}: that of another service would take this name.`;
  problems.add("name", name, `a name that does not end in "${PROBE_SUFFIX}"`, fix);
}

const DEFAULT_WINDOW = "30d";
const DAY = 86_400_000;

function resolveWindow(written: string | undefined, problems: Problems): number {
  const window = milliseconds(written ?? DEFAULT_WINDOW)!;
  const fits = window % DAY === 0 && window >= 7 * DAY && window <= 90 * DAY && periodDivides(window);
  if (fits) return window;
  problems.add(
    "window",
    written,
    "7d, 14d, 21d, or whole days from 28d to 90d",
    "The burn-rate windows are cut from it and must come out in whole seconds. The usual choice is 30d, or 28d " +
      "for whole weeks.",
  );
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

function checkSensitive(prefixes: readonly string[], routes: readonly Route[], problems: Problems): void {
  for (const [index, prefix] of prefixes.entries()) {
    const path = `audit.sensitive[${index}]`;
    const parameter = prefix.search(/[:*]/);
    if (parameter >= 0) {
      const fix = `It is compared with the path as sent. Cut it before the parameter: "${prefix.slice(0, parameter)}".`;
      problems.add(path, prefix, "a path prefix without parameters", fix);
    } else if (routes.length > 0 && !routes.some(({ template }) => mayBegin(template, prefix))) {
      const near = nearest(prefix, [...new Set(routes.map(({ template }) => template))]);
      const fix =
        near === undefined
          ? "No declared route begins with it. Correct it, or declare the route."
          : `No declared route begins with it. Did you mean "${near}"?`;
      problems.add(path, prefix, "a prefix of a declared route", fix);
    }
  }
}

const ABOVE_ZERO = {
  rpo: 'Zero loss needs replication, not backups. Write what a backup can keep, such as "24h".',
  rto: 'No restore takes no time. Write how long one may take, such as "1h".',
};

function resolveRecovery(
  written: { rpo: string; rto: string } | undefined,
  problems: Problems,
): Service["recovery"] | undefined {
  if (written === undefined) return undefined;
  const recovery = { rpo: milliseconds(written.rpo)!, rto: milliseconds(written.rto)! };
  for (const key of ["rpo", "rto"] as const) {
    if (recovery[key] === 0)
      problems.add(`recovery.${key}`, written[key], "a duration above zero", ABOVE_ZERO[key]);
  }
  return recovery;
}

function checkRunbooks(text: string, problems: Problems): void {
  const fix = "Alerts link to it and add a fragment, the SLO's name.";
  // URL drops line breaks and tabs without a word.
  if (!URL.canParse(text) || /[\s\p{C}"<>\\]/u.test(text)) {
    problems.add("runbooks", text, RUNBOOKS_WANTED, fix);
    return;
  }
  const { protocol, username, password, host } = new URL(text);
  if (username !== "" || password !== "") {
    // Not repeated: whoever reads the message is not always who may know the password.
    problems.report({
      path: "runbooks",
      got: `a URL of ${host} with a user or password`,
      wanted: RUNBOOKS_WANTED,
      fix,
    });
  } else if (!/^https?:$/.test(protocol) || text.includes("#")) {
    problems.add("runbooks", text, RUNBOOKS_WANTED, fix);
  }
}
