import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { SeakeepError } from "./errors.ts";
import type { Problem } from "./problems.ts";
import { defineService, type ServiceDeclaration } from "./service.ts";
import { availability } from "./slo/availability/index.ts";
import { errors } from "./slo/errors/index.ts";
import { latency } from "./slo/latency/index.ts";
import { saturation } from "./slo/saturation/index.ts";

const VALID: ServiceDeclaration = { name: "x", owner: "team", slos: [errors({ objective: 99 })] };

/** What defineService says of a declaration; whatever it is given, it throws nothing else. */
const problemsOf = (declaration: unknown): readonly Problem[] => {
  try {
    defineService(declaration as ServiceDeclaration);
    return [];
  } catch (error) {
    if (!(error instanceof SeakeepError)) throw error;
    expect(error.code).toBe("SK-SERVICE-001");
    expect(error.problems.length).toBeGreaterThan(0);
    return error.problems;
  }
};

// biome-ignore lint/suspicious/noExplicitAny: the point is to write what the types forbid
type Wrong = any;

const NAME = "lower-case letters, digits and hyphens, at most 63, beginning with a letter";
const OWNER = "the name of a team, at most 63 characters, without quotes or backslashes";
const DURATION = 'a duration in whole milliseconds, such as "500ms", "30s" or "24h"';
const WINDOW = "7d, 14d, 21d, or whole days from 28d to 90d";
const WINDOW_FIX =
  "The burn-rate windows are cut from it and must come out in whole seconds. The usual choice is 30d, or 28d for whole weeks.";
const RUNBOOKS = "an http(s) URL without user, password and fragment";
const RUNBOOKS_FIX = "Alerts link to it and add a fragment, the SLO's name.";
const SLO_NAME = "lower-case letters, digits and single hyphens, at most 63";
const PERCENT = "a percentage above 0 and below 100";
const COUNT = "a whole number of at least 1";

describe("defineService refuses, of the service", () => {
  test.each<[unknown, path: string, got: string, wanted: string, fix: string]>([
    [{ ...VALID, name: "Courses" }, "name", '"Courses"', NAME, `Write ${NAME}.`],
    [{ ...VALID, name: "1x" }, "name", '"1x"', NAME, `Write ${NAME}.`],
    [{ ...VALID, name: "x-" }, "name", '"x-"', NAME, `Write ${NAME}.`],
    [{ ...VALID, name: "a".repeat(64) }, "name", `"${"a".repeat(64)}"`, NAME, `Write ${NAME}.`],
    [{ ...VALID, name: 7 }, "name", "7", NAME, `Write ${NAME}.`],
    [
      { ...VALID, name: "courses-probe" },
      "name",
      '"courses-probe"',
      'a name that does not end in "-probe"',
      "The job that probes a service is called <name>-probe: that of another service would take this name.",
    ],
    [{ ...VALID, owner: "" }, "owner", '""', OWNER, `Write ${OWNER}.`],
    [{ ...VALID, owner: 'a"b' }, "owner", '"a\\"b"', OWNER, `Write ${OWNER}.`],
    [{ ...VALID, owner: "a\nb" }, "owner", '"a\\nb"', OWNER, `Write ${OWNER}.`],
    [{ ...VALID, window: "30" }, "window", '"30"', DURATION, `Write ${DURATION}.`],
    [{ ...VALID, window: "10d" }, "window", '"10d"', WINDOW, WINDOW_FIX],
    [{ ...VALID, window: "36h" }, "window", '"36h"', WINDOW, WINDOW_FIX],
    [{ ...VALID, window: "91d" }, "window", '"91d"', WINDOW, WINDOW_FIX],
    [
      { ...VALID, naming: "statsd" },
      "naming",
      '"statsd"',
      '"prometheus" or "otel"',
      'Write "prometheus" or "otel".',
    ],
    [{ ...VALID, slos: {} }, "slos", "{}", "a list of SLOs", "Write a list of SLOs."],
    [{ ...VALID, slos: [] }, "slos", "[]", "at least one SLO", "Write at least one SLO."],
    [
      { ...VALID, slos: [7, errors({ objective: 99 })] },
      "slos[0]",
      "7",
      "an SLO such as errors({ objective: 99 })",
      "Write an SLO such as errors({ objective: 99 }).",
    ],
    [
      {
        ...VALID,
        slos: [
          {
            kind: "x",
            routes: [],
            resolve: () => {
              throw new TypeError("x");
            },
          },
        ],
      },
      "slos[0]",
      "an SLO that cannot be resolved",
      "an SLO of one of the kinds",
      "Make it with availability(), errors(), latency() or saturation().",
    ],
    [{ ...VALID, routes: "GET /a" }, "routes", '"GET /a"', "a list of routes", "Write a list of routes."],
    [
      { ...VALID, routes: [7] },
      "routes[0]",
      "7",
      'a route such as "POST /api/v1/upload/"',
      'Write a route such as "POST /api/v1/upload/".',
    ],
    [
      { ...VALID, routes: ["GET /a", "b"] },
      "routes[1]",
      '"b"',
      '"METHOD /path" or "/path"',
      'Write it like "GET /api/v1/courses/:id/", as the router knows it.',
    ],
    [
      { ...VALID, routes: ["GET /a", "GET /b", "GET /a"] },
      "routes[2]",
      '"GET /a"',
      "each route once",
      "Remove it: it stands at routes[0] already.",
    ],
    [
      { ...VALID, recovery: "24h" },
      "recovery",
      '"24h"',
      'an object such as { rpo: "24h", rto: "1h" }',
      'Write an object such as { rpo: "24h", rto: "1h" }.',
    ],
    [
      { ...VALID, recovery: { rpo: "24h" } },
      "recovery.rto",
      "nothing",
      DURATION,
      `Add \`rto\`: ${DURATION}.`,
    ],
    [
      { ...VALID, recovery: { rpo: "1 day", rto: "1h" } },
      "recovery.rpo",
      '"1 day"',
      DURATION,
      `Write ${DURATION}.`,
    ],
    [
      { ...VALID, recovery: { rpo: "0s", rto: "1h" } },
      "recovery.rpo",
      '"0s"',
      "a duration above zero",
      'Zero loss needs replication, not backups. Write what a backup can keep, such as "24h".',
    ],
    [
      { ...VALID, recovery: { rpo: "24h", rto: "0ms" } },
      "recovery.rto",
      '"0ms"',
      "a duration above zero",
      'No restore takes no time. Write how long one may take, such as "1h".',
    ],
    [
      { ...VALID, audit: ["/login"] },
      "audit",
      '["/login"]',
      'an object such as { sensitive: ["/login"] }',
      'Write an object such as { sensitive: ["/login"] }.',
    ],
    [
      { ...VALID, audit: { sensitive: "/login" } },
      "audit.sensitive",
      '"/login"',
      "a list of path prefixes",
      "Write a list of path prefixes.",
    ],
    [
      { ...VALID, audit: { sensitive: [7] } },
      "audit.sensitive[0]",
      "7",
      'a path such as "/healthz"',
      'Write a path such as "/healthz".',
    ],
    [
      { ...VALID, audit: { sensitive: ["login"] } },
      "audit.sensitive[0]",
      '"login"',
      'a path that begins with "/" and has no query',
      'Write a path that begins with "/" and has no query.',
    ],
    [
      { ...VALID, audit: { sensitive: [`/${"a".repeat(1000)}`] } },
      "audit.sensitive[0]",
      `"/${"a".repeat(78)}…`,
      "a path of at most 1000 characters",
      "Write a path of at most 1000 characters.",
    ],
    [
      { ...VALID, audit: { sensitive: ["/users/:id/keys/"] } },
      "audit.sensitive[0]",
      '"/users/:id/keys/"',
      "a path prefix without parameters",
      'It is compared with the path as sent. Cut it before the parameter: "/users/".',
    ],
    [
      { ...VALID, routes: ["POST /login/"], audit: { sensitive: ["/logn/"] } },
      "audit.sensitive[0]",
      '"/logn/"',
      "a prefix of a declared route",
      'No declared route begins with it. Did you mean "/login/"?',
    ],
    [
      { ...VALID, routes: ["POST /login/"], audit: { sensitive: ["/something/else/"] } },
      "audit.sensitive[0]",
      '"/something/else/"',
      "a prefix of a declared route",
      "No declared route begins with it. Correct it, or declare the route.",
    ],
    [{ ...VALID, runbooks: 7 }, "runbooks", "7", RUNBOOKS, `Write ${RUNBOOKS}.`],
    [{ ...VALID, runbooks: "docs/runbooks" }, "runbooks", '"docs/runbooks"', RUNBOOKS, RUNBOOKS_FIX],
    [{ ...VALID, runbooks: "https://x/\ny" }, "runbooks", '"https://x/\\ny"', RUNBOOKS, RUNBOOKS_FIX],
    [
      { ...VALID, runbooks: "javascript:alert(1)" },
      "runbooks",
      '"javascript:alert(1)"',
      RUNBOOKS,
      RUNBOOKS_FIX,
    ],
    [{ ...VALID, runbooks: "https://x/#all" }, "runbooks", '"https://x/#all"', RUNBOOKS, RUNBOOKS_FIX],
    [
      { ...VALID, runbooks: "https://me:hunter2@wiki.example/" },
      "runbooks",
      "a URL of wiki.example with a user or password",
      RUNBOOKS,
      RUNBOOKS_FIX,
    ],
    [
      { ...VALID, ownr: "b" },
      "ownr",
      "an unknown key",
      "only name, owner, window, naming, slos, routes, recovery, audit, runbooks",
      "Remove it.",
    ],
    [{ ...VALID, windw: "30d" }, "windw", "an unknown key", "`window`", "Rename it to `window`."],
    [
      { ...VALID, audit: { sensitve: [] } },
      "audit.sensitve",
      "an unknown key",
      "`sensitive`",
      "Rename it to `sensitive`.",
    ],
  ])("%# %j", (declaration, path, got, wanted, fix) => {
    expect(problemsOf(declaration)).toEqual([{ path, got, wanted, fix }]);
  });
});

describe("defineService refuses, of an SLO", () => {
  const wrong = (options: unknown): Wrong => options;
  test.each<[slo: unknown, path: string, got: string, wanted: string, fix: string]>([
    [errors(wrong(null)), "", "null", "an object of options", "Write an object of options."],
    [errors(wrong([])), "", "[]", "an object of options", "Write an object of options."],
    [
      errors(
        wrong({
          get routes() {
            throw new Error("no");
          },
          objective: 99,
        }),
      ),
      "",
      "a value that throws when it is read",
      "plain data",
      "Write plain values, without getters or proxies.",
    ],
    [
      errors(wrong({})),
      ".objective",
      "nothing",
      "a percentage between 0 and 100, such as 99.9",
      "Add `objective`: a percentage between 0 and 100, such as 99.9.",
    ],
    [
      errors(wrong({ objective: "99" })),
      ".objective",
      '"99"',
      "a percentage between 0 and 100, such as 99.9",
      "Write a percentage between 0 and 100, such as 99.9.",
    ],
    [
      errors({ objective: Number.NaN }),
      ".objective",
      "NaN",
      "a percentage between 0 and 100, such as 99.9",
      "Write a percentage between 0 and 100, such as 99.9.",
    ],
    ...[0, -1, Number.NEGATIVE_INFINITY].map((objective): [unknown, string, string, string, string] => [
      errors({ objective }),
      ".objective",
      String(objective),
      PERCENT,
      "Write the percentage of events that must be good, such as 99.9.",
    ]),
    ...[100, 101, Number.POSITIVE_INFINITY].map((objective): [unknown, string, string, string, string] => [
      errors({ objective }),
      ".objective",
      String(objective),
      PERCENT,
      "Nothing is always up: 100 leaves no error budget. Write what users need, such as 99.9.",
    ]),
    [
      errors({ objective: 0.999 }),
      ".objective",
      "0.999",
      "a percentage, not a share of 1",
      "Objectives are percentages: write 99.9 for 0.999.",
    ],
    [
      errors({ objective: 0.01 }),
      ".objective",
      "0.01",
      "a percentage, not a share of 1",
      "Write the percentage of events that must be good, such as 99.9.",
    ],
    [
      errors({ objective: 87.4 }),
      ".objective",
      "87.4",
      "at least 87.5 for an SLO that pages",
      "It can never page: 12.6 % may fail, so even a total outage for 1h spends only 1.1 % of the budget of 30d. " +
        "Raise the objective, or set page: false for tickets only.",
    ],
    [errors({ objective: 99, name: "" }), ".name", '""', SLO_NAME, `Write ${SLO_NAME}.`],
    [errors({ objective: 99, name: "A b" }), ".name", '"A b"', SLO_NAME, `Write ${SLO_NAME}.`],
    [
      errors({ objective: 99, name: "a".repeat(64) }),
      ".name",
      `"${"a".repeat(64)}"`,
      SLO_NAME,
      `Write ${SLO_NAME}.`,
    ],
    [
      errors(wrong({ objective: 99, name: 7 })),
      ".name",
      "7",
      "a short name such as checkout-latency",
      "Write a short name such as checkout-latency.",
    ],
    [errors(wrong({ objective: 60, page: "no" })), ".page", '"no"', "true or false", "Write true or false."],
    ...[0, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map(
      (count): [unknown, string, string, string, string] => [
        errors({ objective: 99, minimumBadEvents: count }),
        ".minimumBadEvents",
        String(count),
        COUNT,
        `Write ${COUNT}.`,
      ],
    ),
    [
      errors({ objective: 99, routes: [] }),
      ".routes",
      "[]",
      "at least one route",
      "Name the routes it judges, or leave routes out to judge all.",
    ],
    [
      errors({ objective: 99, routes: ["upload"] }),
      ".routes[0]",
      '"upload"',
      '"METHOD /path" or "/path"',
      'Write it like "POST /api/v1/upload/".',
    ],
    [
      errors({ objective: 99, routes: ["POST /api/v1/upload/", "/api/v1/upload/"] }),
      ".routes[1]",
      '"/api/v1/upload/"',
      "each route once",
      'Remove one: "POST /api/v1/upload/" counts the same.',
    ],
    [
      errors({ objective: 99, routes: ["POST /api/v1/uplod/"] }),
      ".routes[0]",
      '"POST /api/v1/uplod/"',
      "one of the service's routes",
      'It matches none of them. Did you mean "POST /api/v1/upload/"?',
    ],
    [
      errors({ objective: 99, routes: ["GET /nothing/like/it"] }),
      ".routes[0]",
      '"GET /nothing/like/it"',
      "one of the service's routes",
      "It matches none of them. Add it to routes, or correct it.",
    ],
    [latency(wrong({ objective: 95 })), ".threshold", "nothing", DURATION, `Add \`threshold\`: ${DURATION}.`],
    [
      latency(wrong({ objective: 95, treshold: "5s" })),
      ".treshold",
      "an unknown key",
      "`threshold`",
      "Rename it to `threshold`.",
    ],
    [latency({ objective: 95, threshold: "1.5ms" }), ".threshold", '"1.5ms"', DURATION, `Write ${DURATION}.`],
    [
      latency({ objective: 95, threshold: "0ms" }),
      ".threshold",
      '"0ms"',
      "a threshold between 1ms and 10m",
      "No request is that fast. Write a threshold that a good request can meet.",
    ],
    [
      latency({ objective: 95, threshold: "11m" }),
      ".threshold",
      '"11m"',
      "a threshold between 1ms and 10m",
      "No client waits that long, so no request would ever be slow. Write what users accept.",
    ],
    [
      availability({ objective: 99, probe: "healthz" }),
      ".probe",
      '"healthz"',
      'a path that begins with "/" and has no query',
      'Write a path that begins with "/" and has no query.',
    ],
    [
      availability(wrong({ objective: 99, probe: "/healthz", routes: ["/a"] })),
      ".routes",
      "an unknown key",
      "only name, page, minimumBadEvents, objective, probe",
      "Remove it.",
    ],
    [
      saturation({}),
      ".inFlight",
      "nothing",
      "inFlight, eventLoopDelay or both",
      'Say what full means: inFlight: 200, or eventLoopDelay: "200ms".',
    ],
    [
      saturation(wrong({ inflight: 200 })),
      ".inflight",
      "an unknown key",
      "`inFlight`",
      "Rename it to `inFlight`.",
    ],
    [saturation({ inFlight: 0 }), ".inFlight", "0", COUNT, `Write ${COUNT}.`],
    [
      saturation({ eventLoopDelay: "10ms" }),
      ".eventLoopDelay",
      '"10ms"',
      "a delay of at least 20ms",
      "The delay is sampled every 10ms, so a smaller limit could not be told from an idle loop.",
    ],
  ])("%# %j", (slo, path, got, wanted, fix) => {
    const declaration = { ...VALID, slos: [slo], routes: ["POST /api/v1/upload/"] };
    expect(problemsOf(declaration)).toEqual([{ path: `slos[0]${path}`, got, wanted, fix }]);
  });
});

describe("defineService refuses, between SLOs", () => {
  it("the same promise twice, however it is written", () => {
    const slos = [
      latency({ objective: 95, threshold: "1s", routes: ["GET /a", "GET /b"] }),
      latency({
        objective: 95,
        threshold: "1000ms",
        routes: ["GET /b", "GET /a"],
        name: "again",
        page: false,
      }),
    ];
    expect(problemsOf({ ...VALID, slos })).toEqual([
      {
        path: "slos[1]",
        got: '"95 % of requests are answered within 1s"',
        wanted: "each promise once",
        fix: "Remove it: slos[0] says the same.",
      },
    ]);
  });

  it("one name for two promises, with a name to take instead", () => {
    const slos = [
      latency({ objective: 95, threshold: "500ms" }),
      latency({ objective: 99, threshold: "2s" }),
    ];
    expect(problemsOf({ ...VALID, slos })).toEqual([
      {
        path: "slos[1].name",
        got: '"latency"',
        wanted: "a name no other SLO has",
        fix: 'Add name: "latency-2s", or another: slos[0] is called "latency".',
      },
    ]);
  });
});

describe("defineService", () => {
  it("reports everything at once: one mistake hides no other", () => {
    const declaration = {
      nam: "x",
      owner: 3,
      window: "10d",
      slos: [
        7,
        latency({ objective: 0.95, threshold: "5", nmae: "slow" } as Wrong),
        errors({ objective: 100, routes: ["x"], page: 1 } as Wrong),
        latency({ objective: 101, threshold: "0ms" }),
      ],
      routes: ["bad"],
      recovery: { rpo: "0s", rto: "0s" },
      audit: { sensitive: ["/:id"] },
      runbooks: "x",
      zzzzz: 1,
    };
    expect(problemsOf(declaration).map(({ path }) => path)).toEqual([
      "owner",
      "slos[0]",
      "nam",
      "zzzzz",
      "window",
      "routes[0]",
      "slos[1].threshold",
      "slos[1].nmae",
      "slos[1].objective",
      "slos[2].page",
      "slos[2].routes[0]",
      "slos[2].objective",
      "slos[3].objective",
      "slos[3].threshold",
      "audit.sensitive[0]",
      "recovery.rpo",
      "recovery.rto",
      "runbooks",
    ]);
  });

  it("prints them as one message with code, reason and cure", () => {
    expect(() => defineService({ ...VALID, name: "X" })).toThrow(
      "SK-SERVICE-001: The service declaration has 1 problem:\n" +
        `  name: got "X", wanted ${NAME}\n    fix: Write ${NAME}.\n` +
        "  why: defineService() was given values that contradict themselves or that it does not know.\n" +
        "  fix: Mend each listed problem; every one names its path, what was got and what was wanted.",
    );
    expect(() => defineService({ ...VALID, name: "X", owner: "" })).toThrow("has 2 problems:");
  });

  it("throws nothing but SeakeepError, each problem once, whatever it is given", () => {
    const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true });
    const options = fc.oneof(
      anything,
      fc.record(
        { objective: anything, threshold: anything, routes: anything, name: anything },
        { requiredKeys: [] },
      ),
    );
    const slo = fc.oneof(
      anything,
      fc
        .tuple(fc.constantFrom(availability, errors, latency, saturation), options)
        .map(([kind, given]) => kind(given as Wrong)),
    );
    const keys = ["name", "owner", "window", "naming", "routes", "recovery", "audit", "runbooks"] as const;
    const declaration = fc.record(
      { ...Object.fromEntries(keys.map((key) => [key, anything])), slos: fc.oneof(anything, fc.array(slo)) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(anything, declaration), (value) => {
        const problems = problemsOf(value);
        const identities = problems.map(({ path, wanted }) => `${path}\n${wanted}`);
        expect(new Set(identities).size).toBe(identities.length);
        for (const { path, got, wanted, fix } of problems)
          expect(`${path}${got}${wanted}${fix}`).not.toMatch(/[\p{Cc}\u2028\u2029]|\[object/u);
      }),
      { numRuns: 300 },
    );
  });

  it("holds SLOs that are not its own to the shape of one", () => {
    const kind = { kind: "own", routes: undefined };
    const wanted = "an SLO of one of the kinds";
    for (const given of [undefined, null, 7, {}, Promise.resolve(), { name: "x", sentence: "y" }]) {
      const slos = [{ ...kind, resolve: () => given }] as Wrong;
      expect(problemsOf({ ...VALID, slos })).toMatchObject([{ path: "slos[0]", wanted }]);
    }
    const own = { ...errors({ objective: 99 }), kind: "own" };
    expect(defineService({ ...VALID, slos: [own] }).slos).toHaveLength(1);
  });

  it("never repeats a password", () => {
    const declaration = { ...VALID, runbooks: "https://me:hunter2@wiki.example/" };
    expect(JSON.stringify(problemsOf(declaration))).not.toContain("hunter2");
  });

  it("fills in the defaults", () => {
    const service = defineService(VALID);
    expect(service).toMatchObject({
      window: 2_592_000_000,
      naming: "prometheus",
      routes: [],
      audit: { sensitive: [] },
    });
    expect(service).not.toHaveProperty("recovery");
    expect(service).not.toHaveProperty("runbooks");
    expect(service.edges).toEqual([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
  });

  it("takes what an environment leaves undefined as left out", () => {
    const service = defineService({
      ...VALID,
      runbooks: undefined,
      window: undefined,
      routes: undefined,
      audit: undefined,
    });
    expect(service.hash).toBe(defineService(VALID).hash);
  });

  it("resolves everything that is declared", () => {
    const service = defineService({
      name: "courses-api",
      owner: "Learning & Teaching",
      window: "28d",
      naming: "otel",
      slos: [
        latency({ objective: 95, threshold: "750ms" }),
        latency({ objective: 99, threshold: "30s", name: "slow" }),
      ],
      routes: ["GET /courses/:id", "/healthz"],
      recovery: { rpo: "24h", rto: "1h" },
      audit: { sensitive: ["/courses/42"] },
      runbooks: "https://wiki.example/runbooks?team=learning",
    });
    expect(service).toMatchObject({
      name: "courses-api",
      owner: "Learning & Teaching",
      window: 2_419_200_000,
      naming: "otel",
      routes: [{ method: "GET", template: "/courses/:id" }, { template: "/healthz" }],
      recovery: { rpo: 86_400_000, rto: 3_600_000 },
      audit: { sensitive: ["/courses/42"] },
      runbooks: "https://wiki.example/runbooks?team=learning",
    });
    expect(service.edges).toEqual([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 30]);
  });

  it("is frozen to the bottom, and apart from what it was made of", () => {
    const routes = ["GET /a"];
    const service = defineService({ ...VALID, routes, audit: { sensitive: ["/a"] } });
    routes.push("GET /b");
    expect(service.routes).toHaveLength(1);
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(service)).toBe(true);
  });

  it("has a hash of the declaration: the same for the same, another for any change", () => {
    const hash = (change: Partial<ServiceDeclaration>): string => defineService({ ...VALID, ...change }).hash;
    expect(hash({})).toMatch(/^[0-9a-f]{16}$/);
    expect(hash({ window: "30d", naming: "prometheus" })).toBe(hash({}));
    const changes: Partial<ServiceDeclaration>[] = [
      { name: "y" },
      { owner: "other" },
      { window: "28d" },
      { naming: "otel" },
      { slos: [errors({ objective: 99.9 })] },
      { slos: [errors({ objective: 99, page: false })] },
      { slos: [errors({ objective: 99, minimumBadEvents: 6 })] },
      { routes: ["/a"] },
      { recovery: { rpo: "24h", rto: "1h" } },
      { audit: { sensitive: ["/a"] } },
      { runbooks: "https://x/" },
    ];
    expect(new Set([{}, ...changes].map(hash)).size).toBe(changes.length + 1);
  });

  it("lets a ticket-only SLO have any objective", () => {
    expect(defineService({ ...VALID, slos: [errors({ objective: 50, page: false })] }).slos[0]!.page).toBe(
      false,
    );
    expect(problemsOf({ ...VALID, window: "90d", slos: [errors({ objective: 5, page: false })] })).toEqual(
      [],
    );
  });
});
