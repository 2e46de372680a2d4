import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { defineService, errors } from "@seakeep/contract";
import { Counter, collectDefaultMetrics, Registry as PromRegistry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { createMetrics, type Metrics } from "./metrics/index.ts";
import type { Registry } from "./metrics/registry.ts";
import { type MetricsEndpointSettings, metricsEndpoint, type Notice } from "./metrics-endpoint.ts";

const service = defineService({
  name: "courses-api",
  owner: "learning",
  slos: [errors({ objective: 99 })],
  routes: ["GET /a"],
});

const OPENMETRICS = "application/openmetrics-text;version=1.0.0";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

interface Served {
  readonly metrics: Metrics;
  scrape(headers?: Record<string, string>, method?: string): Promise<Answer>;
}

async function serve(
  settings: {
    readonly metrics?: Partial<MetricsEndpointSettings["metrics"]>;
    readonly registry?: Registry;
  } = {},
  notice?: Notice,
): Promise<Served> {
  const metrics = createMetrics(service, { eventLoopDelay: false });
  const access = { enabled: true, token: undefined, allow: [], ...settings.metrics };
  const endpoint = metricsEndpoint(metrics, { metrics: access, registry: settings.registry }, notice);
  const server = createServer((request, response) => void endpoint(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    metrics,
    scrape: (headers = {}, method = "GET") =>
      new Promise((resolve, reject) => {
        const options = { port, host: "127.0.0.1", path: "/metrics", method, headers, agent: false };
        const outgoing = send(options, (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (text: string) => {
            body += text;
          });
          response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
        });
        outgoing.on("error", reject);
        outgoing.end();
      }),
  };
}

describe("a scrape", () => {
  it("gets text unless it asks for OpenMetrics, uncached", async () => {
    const { metrics, scrape } = await serve();
    metrics.record("GET", "/a", 200, 0.1);
    const text = await scrape();
    expect(text.status).toBe(200);
    expect(text.headers).toMatchObject({
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "cache-control": "no-store",
    });
    expect(text.body).toBe([...metrics.exposition("text")].join(""));
    const open = await scrape({ accept: OPENMETRICS });
    expect(open.headers["content-type"]).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    expect(open.body).toBe(`${[...metrics.exposition("openmetrics")].join("")}# EOF\n`);
  });

  it("by HEAD gets the headers alone", async () => {
    const { scrape } = await serve();
    const { status, headers, body } = await scrape({}, "HEAD");
    expect([status, headers["content-type"], body]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "",
    ]);
  });
});

describe("a refusal", () => {
  const problem = ({ body }: Answer) => JSON.parse(body) as { status: number; title: string; detail: string };

  it("is problem+json with its status, what to do, and no secret", async () => {
    const { scrape } = await serve({ metrics: { token: "s3cret" } });
    const answer = await scrape({ authorization: "Bearer wrong" });
    expect(answer.status).toBe(401);
    expect(answer.headers).toMatchObject({
      "content-type": "application/problem+json",
      "www-authenticate": 'Bearer realm="metrics"',
      "cache-control": "no-store",
    });
    expect(problem(answer)).toMatchObject({ type: "about:blank", title: "Unauthorized", status: 401 });
    expect(answer.body).not.toMatch(/s3cret|wrong/);
    expect((await scrape({ authorization: "Bearer s3cret" })).status).toBe(200);
  });

  it("is 403 to a forwarded caller, 404 when switched off, 405 for another method", async () => {
    const open = await serve();
    const forwarded = await open.scrape({ "x-forwarded-for": "127.0.0.1" });
    expect(problem(forwarded)).toMatchObject({ status: 403, title: "Forbidden" });
    const post = await open.scrape({}, "POST");
    expect([post.status, post.headers.allow]).toEqual([405, "GET, HEAD"]);
    const off = await serve({ metrics: { enabled: false } });
    expect(problem(await off.scrape())).toMatchObject({ status: 404, title: "Not Found" });
    expect((await off.scrape({}, "HEAD")).body).toBe("");
  });
});

describe("the application's registry", () => {
  function registryWith(contentType?: "openmetrics"): PromRegistry {
    const registry = new PromRegistry();
    if (contentType === "openmetrics") {
      registry.setContentType(PromRegistry.OPENMETRICS_CONTENT_TYPE as never);
    }
    new Counter({ name: "orders_total", help: "Orders.", registers: [registry] }).inc(7);
    return registry;
  }

  const faults = async ({ scrape }: Served) =>
    Number(/seakeep_internal_errors_total\{part="registry"\} (\d+)/.exec((await scrape()).body)?.[1]);

  it("follows ours on the page, prom-client's default metrics included", async () => {
    const registry = registryWith();
    collectDefaultMetrics({ register: registry });
    closers.push(() => registry.clear());
    const notices: string[] = [];
    const served = await serve({ registry }, (_message, { subject = "" }) => notices.push(subject));
    const { body } = await served.scrape();
    expect(body).toContain("# TYPE orders_total counter\norders_total 7\n");
    expect(body).toContain("nodejs_heap_size_used_bytes ");
    const families = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(families).size).toBe(families.length);
    expect(notices).toEqual([]);
    expect(await faults(served)).toBe(0);
  });

  it("of text is served as text, whatever the scraper likes better", async () => {
    const { scrape } = await serve({ registry: registryWith() });
    const { headers, body } = await scrape({ accept: OPENMETRICS });
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(body).not.toContain("# EOF");
  });

  it("of OpenMetrics is served as OpenMetrics, with one end", async () => {
    const { scrape } = await serve({ registry: registryWith("openmetrics") });
    const { headers, body } = await scrape();
    expect(headers["content-type"]).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    expect(body).toContain("\norders_total 7\n");
    expect(body.match(/# EOF/g)).toHaveLength(1);
    expect(body.endsWith("# EOF\n")).toBe(true);
  });

  it("loses a family whose name is ours, which is told once", async () => {
    const registry = registryWith();
    new Counter({ name: "http_requests_total", help: "Theirs.", registers: [registry] }).inc(99);
    const notices: object[] = [];
    const served = await serve({ registry }, (_message, fields) => notices.push(fields));
    const { body } = await served.scrape();
    expect(body.match(/^# TYPE http_requests_total /gm)).toHaveLength(1);
    expect(body).not.toMatch(/ 99$/m);
    expect(body).toContain("orders_total 7\n");
    expect(await faults(served)).toBe(1);
    expect(await faults(served)).toBe(1);
    expect(notices).toEqual([{ subject: "http_requests_total", reason: "its name is taken" }]);
  });

  const broken = () => {
    throw new Error("no database at postgres://app:hunter2@db");
  };

  it.each([
    ["throws", broken],
    ["rejects", () => Promise.reject(new Error("no database"))],
    ["gives no text", () => 7 as never],
  ])("that %s costs a fault, not the scrape", async (_, metrics) => {
    const notices: object[] = [];
    const served = await serve({ registry: { metrics } }, (_message, fields) => notices.push(fields));
    const { status, body } = await served.scrape();
    expect(status).toBe(200);
    expect(body).toContain("http_requests_total{");
    expect(await faults(served)).toBe(1);
    expect(await faults(served)).toBe(2);
    expect(notices).toMatchObject([{ subject: "registry", reason: expect.not.stringContaining("hunter2") }]);
  });

  it("that speaks no format of ours is left out", async () => {
    const registry = { metrics: () => "{}", contentType: "application/json" };
    const served = await serve({ registry });
    expect((await served.scrape()).body).toContain("http_requests_total{");
    expect(await faults(served)).toBeGreaterThan(0);
  });

  it("that never ends is given up in half the time that Prometheus waits", async () => {
    const served = await serve({ registry: { metrics: () => new Promise<string>(() => {}) } });
    const begun = performance.now();
    const { status, body } = await served.scrape({ "x-prometheus-scrape-timeout-seconds": "0.2" });
    expect(status).toBe(200);
    expect(body).toContain("seakeep_service_info{");
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});

describe("a scrape of 100,000 series", () => {
  it("does not hold the event loop", async () => {
    const metrics = createMetrics(service, { eventLoopDelay: false, routeLimit: 5000 });
    for (let index = 0; index < 4400; index++) metrics.record("GET", `/api/v1/r/${index}`, 200, 0.02);
    const durations: number[] = [];
    let before = performance.now();
    let length = 0;
    for (const chunk of metrics.exposition("text")) {
      durations.push(performance.now() - before);
      length += chunk.length;
      before = performance.now();
    }
    expect(length).toBeGreaterThan(8e6);
    // The median, for the machine that runs this may be busy; a page made at once would be one chunk.
    durations.sort((a, b) => a - b);
    expect(durations.length).toBeGreaterThan(200);
    expect(durations[Math.floor(durations.length / 2)]).toBeLessThan(5);
  });
});
