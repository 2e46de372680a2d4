import { NAMES, Problems, SeakeepError } from "@seakeep/contract";
import type { Trust } from "./client-address.ts";
import type { Check, CheckOptions } from "./health.ts";
import type { LogOption } from "./log-output.ts";
import type { Registry } from "./metrics/registry.ts";
import { Networks } from "./network.ts";
import { checkOptions, isObject } from "./options-check.ts";
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

/**
 * Checks options and fills in the defaults, from the environment where one is named.
 *
 * @throws {SeakeepError} `SK-RUNTIME-001` with every problem at once
 */
export function resolveOptions<Request>(options: ObserveOptions<Request>): Settings<Request> {
  const problems = new Problems();
  if (isObject(options)) checkOptions(options, problems);
  else problems.add("options", options, "an object", "Pass an object, or leave it out.");
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
    health: options.health ?? {},
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
