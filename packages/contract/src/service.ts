import * as v from "valibot";
import { SeakeepError } from "./errors.ts";
import {
  checkName,
  checkRunbooks,
  checkSensitive,
  RUNBOOKS_WANTED,
  resolveRecovery,
  resolveRoutes,
  resolveWindow,
} from "./fields.ts";
import { deepFreeze } from "./freeze.ts";
import { declarationHash } from "./hash.ts";
import { leaf } from "./leaf.ts";
import type { Naming } from "./names.ts";
import { Problems } from "./problems.ts";
import type { Route } from "./routes.ts";
import type { SloDeclaration } from "./slo/declare.ts";
import { isSloDeclaration, resolveSlos } from "./slo/resolve.ts";
import type { Slo } from "./slo/slo.ts";
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
