import { SeakeepError } from "@seakeep/contract";
import { expect, test } from "vitest";
import { type ObserveOptions, resolveOptions } from "./options.ts";

const resolve = (options: object) => resolveOptions(options as ObserveOptions<unknown>);

function problems(options: object): string[] {
  try {
    resolve({ environment: {}, ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(SeakeepError);
    expect(error).toMatchObject({ code: "SK-RUNTIME-001" });
    return (error as SeakeepError).problems.map(
      ({ path, got, wanted, fix }) => `${path}: got ${got}, wanted ${wanted}. ${fix}`,
    );
  }
  return [];
}

test("defaults, and what the environment says", () => {
  expect(resolve({ environment: {} })).toMatchObject({
    metrics: { enabled: true, token: undefined, allow: [], path: "/metrics" },
    paths: { live: "/livez", ready: "/readyz", health: "/healthz" },
    trust: undefined,
    sentryDsn: undefined,
  });
  const environment = {
    ...{ METRICS_ENABLED: "off", METRICS_TOKEN: " t0p ", SENTRY_DSN: "https://k@h/1", RELEASE: "v1" },
  };
  expect(resolve({ environment })).toMatchObject({
    metrics: { enabled: false, token: "t0p" },
    sentryDsn: "https://k@h/1",
    release: "v1",
  });
  expect(resolve({ environment, metrics: { enabled: true, token: "mine" } })).toMatchObject({
    metrics: { enabled: true, token: "mine" },
  });
  expect(resolve({ environment: { METRICS_TOKEN: "", METRICS_ENABLED: "" } })).toMatchObject({
    metrics: { enabled: true, token: undefined },
  });
});

test("trust in either form", () => {
  expect(resolve({ trust: [] }).trust).toBeUndefined();
  expect(resolve({ trust: ["10.0.0.0/8"] }).trust?.proxies.has("10.1.1.1")).toBe(true);
  const trust = resolve({ trust: { proxies: ["::1"], header: "forwarded" } }).trust;
  expect(trust).toMatchObject({ header: "forwarded" });
  expect(trust?.proxies.has("::1")).toBe(true);
});

test.each<[object, string]>([
  [{ metrisc: {} }, "metrisc: got an unknown key, wanted `metrics`. Rename it to `metrics`."],
  [{ heatlh: {} }, "heatlh: got an unknown key, wanted `health`. Rename it to `health`."],
  [
    { zzz: 1 },
    "zzz: got an unknown key, wanted only metrics, paths, trust, log, registry, user, environment, sentry, health. Remove it.",
  ],
  [{ metrics: { tokn: "x" } }, "metrics.tokn: got an unknown key, wanted `token`. Rename it to `token`."],
  [{ metrics: [] }, "metrics: got [], wanted an object. Write an object with enabled, token, allow, path."],
  [{ metrics: { enabled: "yes" } }, 'metrics.enabled: got "yes", wanted true or false. Write true or false.'],
  [
    { metrics: { path: "metrics" } },
    'metrics.path: got "metrics", wanted a path such as "/metrics". Write a path such as "/metrics".',
  ],
  [
    { metrics: { allow: ["10.0.0.0/40"] } },
    'metrics.allow: got ["10.0.0.0/40"], wanted a list of addresses or CIDR blocks, such as ["10.0.0.0/8"]. ' +
      'Write a list of addresses or CIDR blocks, such as ["10.0.0.0/8"].',
  ],
  [{ paths: { live: true } }, 'paths.live: got true, wanted a path such as "/livez", or false. Write'],
  [{ trust: true }, "trust: got true, wanted a list of addresses or CIDR blocks"],
  [{ trust: { proxies: ["::1"], header: "x-real-ip" } }, "trust: got "],
  [{ log: true }, "log: got true, wanted false, a logger with info() and warn(), or a stream with write()."],
  [{ registry: {} }, "registry: got {}, wanted a prom-client registry."],
  [{ user: "me" }, 'user: got "me", wanted a function of the request.'],
  [{ sentry: true }, "sentry: got true, wanted false, or the @sentry/node module."],
  [{ health: [] }, "health: got [], wanted an object of named checks."],
  [{ health: { "a/b": () => true } }, 'health.a/b: got "a/b", wanted a name fit for a path.'],
  [{ health: { db: true } }, "health.db: got true, wanted a function, or { check, deadline, cache }."],
  [{ health: { db: { deadline: "2s" } } }, "health.db.check: got null, wanted a function."],
  [
    { health: { db: { check: () => true, deadline: "soon" } } },
    'health.db.deadline: got "soon", wanted a duration such as "500ms" or "2s".',
  ],
  [
    { environment: { METRICS_ENABLED: "maybe" } },
    'environment.METRICS_ENABLED: got "maybe", wanted true or false. Set METRICS_ENABLED=true or METRICS_ENABLED=false.',
  ],
])("%j", (options, problem) => {
  const [first, ...more] = problems(options);
  expect(first).toContain(problem);
  expect(more).toEqual([]);
});

test("every problem at once; options that are no object; a token is never shown", () => {
  expect(problems({ log: 1, trust: 2, metrics: { token: 42_4242 } })).toEqual([
    expect.stringMatching(/^log: /),
    expect.stringMatching(/^trust: /),
    "metrics.token: got a number, wanted a text that is not empty. Write a text that is not empty.",
  ]);
  expect(() => resolve([])).toThrow("options: got [], wanted an object");
});
