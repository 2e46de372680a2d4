import { milliseconds, NAMES, nearest, Problems, SeakeepError } from "@seakeep/contract";
import type { Trust } from "./client-address.ts";
import type { Check, CheckOptions } from "./health.ts";
import type { LogOption } from "./log-output.ts";
import type { Registry } from "./metrics/registry.ts";
import { isNetwork, Networks } from "./network.ts";
import type { SentryModule } from "./sentry/index.ts";

/** What `observe` can be told. Everything has a default; an unknown key is an error. */
export interface ObserveOptions<Request> {
  readonly metrics?: {
    /** `false`: the path answers 404. Default: `METRICS_ENABLED`, else `true`. */
    readonly enabled?: boolean;
    /** Bearer token that a scrape must carry. Default: `METRICS_TOKEN`; without one only `allow` may scrape. */
    readonly token?: string;
    /** Addresses and CIDR blocks that may scrape without a token, besides loopback. */
    readonly allow?: readonly string[];
    /** Default `"/metrics"`. */
    readonly path?: string;
  };
  /** Paths of the health endpoints; `false` leaves one to the application. Defaults `/livez`, `/readyz`, `/healthz`. */
  readonly paths?: {
    readonly live?: string | false;
    readonly ready?: string | false;
    readonly health?: string | false;
  };
  /**
   * Proxies whose word is taken on who is calling: addresses and CIDR blocks. Default: none. The object form says
   * which header they write; the other one is then not read at all.
   */
  readonly trust?:
    | readonly string[]
    | { readonly proxies: readonly string[]; readonly header: "forwarded" | "x-forwarded-for" };
  /** `false`, a logger of pino's shape, or a stream for JSON lines. Default: JSON lines on standard output. */
  readonly log?: LogOption;
  /** Your own registry (prom-client), then on `/metrics` too. */
  readonly registry?: Registry;
  /** What the service needs to work, by name; `/readyz` and `/healthz` ask them. */
  readonly health?: Readonly<Record<string, Check | CheckOptions>>;
  /** Who sent a request, for the log; asked when it is over. Return an id, not a secret. */
  readonly user?: (request: Request) => string | undefined;
  /** Where the defaults come from; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Your own `@sentry/node`, when you set it up yourself; `false` turns Sentry off. Default: with `SENTRY_DSN` set,
   * the package is loaded and set up if it is installed.
   */
  readonly sentry?: SentryModule | false;
}

/** Options with every default filled in. */
export interface Settings<Request> {
  readonly metrics: {
    readonly enabled: boolean;
    readonly token: string | undefined;
    readonly allow: readonly string[];
    readonly path: string;
  };
  readonly paths: { readonly [name in "live" | "ready" | "health"]: string | false };
  readonly trust: Trust | undefined;
  readonly log: LogOption;
  readonly registry: Registry | undefined;
  readonly health: Readonly<Record<string, Check | CheckOptions>>;
  readonly user: ((request: Request) => string | undefined) | undefined;
  readonly release: string | undefined;
  readonly sentry: SentryModule | false | undefined;
  readonly sentryDsn: string | undefined;
}

type Rule = readonly [wanted: string, holds: (value: unknown) => boolean];
interface Shape {
  readonly [key: string]: Rule | Shape;
}

const isFunction = (value: unknown): boolean => typeof value === "function";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const has = (method: string) => (value: unknown) => isObject(value) && typeof value[method] === "function";
const isPath = (value: unknown): boolean => typeof value === "string" && /^\/[^\s?#]+$/.test(value);
const isNetworks = (value: unknown): boolean =>
  Array.isArray(value) && value.every((text) => typeof text === "string" && isNetwork(text));
const isTrust = (value: unknown): boolean =>
  isNetworks(value) ||
  (isObject(value) &&
    isNetworks(value.proxies) &&
    (value.header === "forwarded" || value.header === "x-forwarded-for") &&
    Object.keys(value).length === 2);

const NETWORKS = 'a list of addresses or CIDR blocks, such as ["10.0.0.0/8"]';
const ENDPOINT: Rule = ['a path such as "/livez", or false', (value) => value === false || isPath(value)];
const DURATION: Rule = [
  'a duration such as "500ms" or "2s"',
  (value) => typeof value === "string" && (milliseconds(value) ?? 0) > 0,
];

const SHAPE: Shape = {
  metrics: {
    enabled: ["true or false", (value) => typeof value === "boolean"],
    token: ["a text that is not empty", (value) => typeof value === "string" && value !== ""],
    allow: [NETWORKS, isNetworks],
    path: ['a path such as "/metrics"', isPath],
  },
  paths: { live: ENDPOINT, ready: ENDPOINT, health: ENDPOINT },
  trust: [`${NETWORKS}, or { proxies, header: "x-forwarded-for" }`, isTrust],
  log: [
    "false, a logger with info() and warn(), or a stream with write()",
    (value) => value === false || (has("info")(value) && has("warn")(value)) || has("write")(value),
  ],
  registry: ["a prom-client registry", has("metrics")],
  user: ["a function of the request", isFunction],
  environment: ["an object of strings", isObject],
  sentry: [
    "false, or the @sentry/node module",
    (value) => value === false || (isObject(value) && isFunction(value.withIsolationScope)),
  ],
};

const CHECK_SHAPE: Shape = { check: ["a function", isFunction], deadline: DURATION, cache: DURATION };
const CHECK_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Checks options and fills in the defaults, from the environment where one is named.
 *
 * @throws {SeakeepError} `SK-RUNTIME-001` with every problem at once
 */
export function resolveOptions<Request>(options: ObserveOptions<Request>): Settings<Request> {
  const problems = new Problems();
  const { health, ...rest } = (isObject(options) ? options : {}) as ObserveOptions<Request>;
  if (!isObject(options)) problems.add("options", options, "an object", "Pass an object, or leave it out.");
  checkShape(rest, SHAPE, "", problems, ["health"]);
  checkHealth(health, problems);
  const environment = isObject(options.environment) ? options.environment : process.env;
  const enabled = readSwitch(environment, NAMES.environment.metricsEnabled, problems);
  const { metrics = {}, paths = {}, trust } = options;
  if (problems.list.length > 0) {
    const count = problems.list.length;
    const what = `The options of observe() have ${count} problem${count === 1 ? "" : "s"}:\n${problems}`;
    throw new SeakeepError("SK-RUNTIME-001", what, { problems: problems.list });
  }
  return {
    metrics: {
      enabled: metrics.enabled ?? enabled ?? true,
      token: metrics.token ?? text(environment, NAMES.environment.metricsToken),
      allow: metrics.allow ?? [],
      path: metrics.path ?? NAMES.paths.metrics,
    },
    paths: {
      live: paths.live ?? NAMES.paths.live,
      ready: paths.ready ?? NAMES.paths.ready,
      health: paths.health ?? NAMES.paths.health,
    },
    trust: trust === undefined ? undefined : readTrust(trust),
    log: options.log,
    registry: options.registry,
    health: health ?? {},
    user: options.user,
    release: text(environment, NAMES.environment.release),
    sentry: options.sentry,
    sentryDsn: text(environment, NAMES.environment.sentryDsn),
  };
}

function readTrust(trust: NonNullable<ObserveOptions<unknown>["trust"]>): Trust | undefined {
  const given = "proxies" in trust ? trust : { proxies: trust };
  return given.proxies.length === 0 ? undefined : { ...given, proxies: new Networks(given.proxies) };
}

function checkShape(
  value: object,
  shape: Shape,
  path: string,
  problems: Problems,
  more: string[] = [],
): void {
  for (const [key, given] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const rule = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (rule === undefined) {
      const known = [...Object.keys(shape), ...more];
      const near = nearest(key, known);
      problems.report({
        path: at,
        got: "an unknown key",
        wanted: near === undefined ? `only ${known.join(", ")}` : `\`${near}\``,
        fix: near === undefined ? "Remove it." : `Rename it to \`${near}\`.`,
      });
    } else if (given === undefined) {
      // As if it were not there.
    } else if (isRule(rule)) {
      const [wanted, holds] = rule;
      const fix = `Write ${wanted}.`;
      if (holds(given)) continue;
      // A token is a secret: an error says what it should be, never what it is.
      if (key === "token") problems.report({ path: at, got: `a ${typeof given}`, wanted, fix });
      else problems.add(at, given, wanted, fix);
    } else if (isObject(given)) checkShape(given, rule, at, problems);
    else problems.add(at, given, "an object", `Write an object with ${Object.keys(rule).join(", ")}.`);
  }
}

function isRule(rule: Rule | Shape): rule is Rule {
  return Array.isArray(rule);
}

function checkHealth(health: unknown, problems: Problems): void {
  if (health === undefined) return;
  if (!isObject(health)) {
    const wanted = "an object of named checks";
    problems.add("health", health, wanted, "Write { database: () => pool.query('select 1') }.");
    return;
  }
  for (const [name, check] of Object.entries(health)) {
    const at = `health.${name}`;
    if (!CHECK_NAME.test(name)) {
      const fix = "It becomes a path, /healthz/<name>: use letters, digits, dots and hyphens.";
      problems.add(at, name, "a name fit for a path", fix);
    }
    if (isObject(check)) {
      checkShape({ check: null, ...check }, CHECK_SHAPE, at, problems);
    } else if (!isFunction(check)) {
      const wanted = "a function, or { check, deadline, cache }";
      problems.add(at, check, wanted, "Write a function that throws, or resolves to false, when it is down.");
    }
  }
}

const ON = ["1", "true", "on", "yes"];
const OFF = ["0", "false", "off", "no"];

function readSwitch(
  environment: Readonly<Record<string, unknown>>,
  name: string,
  problems: Problems,
): boolean | undefined {
  const written = text(environment, name)?.toLowerCase();
  if (written === undefined) return undefined;
  if (ON.includes(written)) return true;
  if (OFF.includes(written)) return false;
  problems.add(`environment.${name}`, written, "true or false", `Set ${name}=true or ${name}=false.`);
  return undefined;
}

/** An empty variable is an unset one. */
function text(environment: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = environment[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
