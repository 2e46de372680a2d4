import { describe, expect, it } from "vitest";
import { Problems } from "../problems.ts";
import { parseRoute } from "../routes.ts";
import { availability } from "./availability/index.ts";
import { errors } from "./errors/index.ts";
import { latency } from "./latency/index.ts";
import { isSloDeclaration, resolveSlos } from "./resolve.ts";
import { saturation } from "./saturation/index.ts";

const SCOPE = { period: 2_592_000_000, routes: [] };

const resolved = (...list: unknown[]): ReturnType<typeof resolveSlos> => {
  const problems = new Problems();
  const slos = resolveSlos(list, SCOPE, problems);
  expect(problems.list).toEqual([]);
  return slos;
};

describe("resolveSlos", () => {
  it("names each SLO after its kind and its first route, whatever stands beside it", () => {
    const upload = latency({ objective: 95, threshold: "5s", routes: ["POST /api/v1/upload/", "/files"] });
    expect(resolved(upload).map(({ name }) => name)).toEqual(["latency-post-api-v1-upload"]);
    expect(resolved(latency({ objective: 95, threshold: "1s" }), upload).map(({ name }) => name)).toEqual([
      "latency",
      "latency-post-api-v1-upload",
    ]);
    expect(resolved(errors({ objective: 99, routes: ["/курсы"] }))[0]!.name).toBe("errors");
    expect(resolved(errors({ objective: 99, routes: [`/${"long/".repeat(40)}`] }))[0]!.name).toHaveLength(54);
    expect(resolved(errors({ objective: 99, name: "checkout" }))[0]!.name).toBe("checkout");
  });

  it("leaves the routes that a narrower SLO claims to it, of the same kind only", () => {
    const [general, narrow, other] = resolved(
      latency({ objective: 95, threshold: "500ms" }),
      latency({ objective: 95, threshold: "5s", routes: ["POST /upload/"] }),
      errors({ objective: 99 }),
    );
    expect(general).toMatchObject({ routes: [], except: [parseRoute("POST /upload/")] });
    expect(narrow).toMatchObject({ routes: [parseRoute("POST /upload/")], except: [] });
    expect(other).toMatchObject({ routes: [], except: [] });
  });

  it("leaves out what a claim says as far as it can be read", () => {
    const problems = new Problems();
    const broken = errors({ objective: 99, routes: ["GET /a", 7, "b"] as never });
    const [general] = resolveSlos([errors({ objective: 99 }), broken], SCOPE, problems);
    expect(general).toMatchObject({ except: [parseRoute("GET /a")] });
    expect(problems.list.map(({ path }) => path)).toEqual(["slos[1].routes[1]"]);
  });

  it("takes two thresholds on the same requests, when the second has a name", () => {
    const slos = resolved(
      latency({ objective: 95, threshold: "500ms" }),
      latency({ objective: 99, threshold: "2s", name: "latency-2s" }),
    );
    expect(slos.map(({ sentence }) => sentence)).toEqual([
      "95 % of requests are answered within 500ms",
      "99 % of requests are answered within 2s",
    ]);
  });

  it("proposes names that are free", () => {
    const problems = new Problems();
    const list = [
      latency({ objective: 95, threshold: "500ms" }),
      latency({ objective: 90, threshold: "500ms", name: "latency-500ms" }),
      latency({ objective: 99, threshold: "500ms" }),
      latency({ objective: 90, threshold: "2s", name: "latency-99" }),
      latency({ objective: 99.5, threshold: "500ms", name: "latency-500ms" }),
      availability({ objective: 99.9, probe: "/healthz" }),
      availability({ objective: 99.5, probe: "/healthz" }),
    ];
    resolveSlos(list, SCOPE, problems);
    expect(problems.list).toEqual([
      {
        path: "slos[2].name",
        got: '"latency"',
        wanted: "a name no other SLO has",
        fix: 'Add name: "latency-99", or another: slos[0] is called "latency".',
      },
      {
        path: "slos[4].name",
        got: '"latency-500ms"',
        wanted: "a name no other SLO has",
        fix: 'Add name: "latency-500ms-99-5", or another: slos[1] is called "latency-500ms".',
      },
      {
        path: "slos[6].name",
        got: '"availability"',
        wanted: "a name no other SLO has",
        fix: 'Add name: "availability-99-5", or another: slos[5] is called "availability".',
      },
    ]);
  });

  it("counts up when every telling name is taken", () => {
    const problems = new Problems();
    const taken = ["errors-99", "errors-98"].map((name) =>
      errors({ objective: Number(name.slice(-2)), name, routes: ["/x"] }),
    );
    resolveSlos([errors({ objective: 98 }), ...taken, errors({ objective: 99 })], SCOPE, problems);
    expect(problems.list[0]!.fix).toContain('Add name: "errors-4"');
  });

  it("fills in the defaults that alerts rest on", () => {
    const [full] = resolved(saturation({ inFlight: 10 }));
    expect(full).toMatchObject({ objective: 99, budget: 0.01, page: true, minimumBadEvents: 5, edges: [] });
    const [own] = resolved(errors({ objective: 60, page: false, minimumBadEvents: 50 }));
    expect(own).toMatchObject({ objective: 60, budget: 0.4, page: false, minimumBadEvents: 50 });
  });
});

describe("isSloDeclaration", () => {
  it("knows an SLO by its shape, so that two copies of the package can meet", () => {
    expect(isSloDeclaration(errors({ objective: 99 }))).toBe(true);
    expect(isSloDeclaration({ ...errors({ objective: 99 }) })).toBe(true);
    for (const value of [
      undefined,
      null,
      7,
      "errors",
      Promise,
      Promise.resolve(),
      { kind: "x" },
      { resolve: () => 1 },
    ])
      expect(isSloDeclaration(value)).toBe(false);
  });
});
