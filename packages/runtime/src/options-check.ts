import { milliseconds, nearest, type Problems } from "@seakeep/contract";
import { isNetwork } from "./network.ts";

/** What a value must be: in words, and as a test. */
type Rule = readonly [wanted: string, holds: (value: unknown) => boolean];
interface Shape {
  readonly [key: string]: Rule | Shape;
}

const isFunction = (value: unknown): boolean => typeof value === "function";
export const isObject = (value: unknown): value is Record<string, unknown> =>
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

/** Adds a problem for each option that is unknown or not what it should be. */
export function checkOptions(options: object, problems: Problems): void {
  const { health, ...rest } = options as { readonly health?: unknown };
  checkShape(rest, SHAPE, "", problems, ["health"]);
  checkHealth(health, problems);
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
