import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { defineService, errors, latency, metricNames, type Naming } from "@seakeep/contract";
import { type ObserveOptions, observe } from "@seakeep/runtime/node-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binary } from "../stack/binaries.ts";
import { type CommandResult, runCommand } from "../stack/commands.ts";
import { instantQuery, startPrometheus } from "../stack/prometheus.ts";
import { openScratch, type Scratch } from "../stack/scratch.ts";
import { until } from "../stack/until.ts";

const TOKEN = "a-token-of-this-test";
const HOSTILE_ROUTE = 'GET /quo"te\\{}/:id';
const HOSTILE_RELEASE = '1.0"} 1\nforged_total 7\n\\';

let scratch: Scratch;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(async () => {
  for (const close of closers) close();
  await scratch.close();
});

interface App {
  readonly port: number;
  call(path: string, method?: string): Promise<void>;
  page(): Promise<string>;
}

/** A service whose `/fail` fails, observed, on a loopback port. */
async function startApp(naming: Naming, options: ObserveOptions<IncomingMessage> = {}): Promise<App> {
  const service = defineService({
    name: "app",
    owner: "tests",
    naming,
    slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "300ms" })],
    routes: ["GET /fail", "POST /orders", HOSTILE_ROUTE],
  });
  const listener = ({ url = "" }: IncomingMessage, response: ServerResponse) => {
    response.statusCode = url === "/fail" ? 500 : url.startsWith("/none") ? 404 : 200;
    response.end("done\n");
  };
  const observed = observe(service, listener, {
    log: false,
    sentry: false,
    environment: { METRICS_TOKEN: TOKEN, RELEASE: HOSTILE_RELEASE },
    ...options,
  });
  const server: Server = createServer(observed);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    observed.close();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const send = (path: string, method: string, headers = {}) =>
    new Promise<string>((resolve, reject) => {
      const outgoing = request({ port, host: "127.0.0.1", path, method, headers }, async (response) => {
        let body = "";
        for await (const text of response.setEncoding("utf8")) body += text;
        resolve(body);
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
  return {
    port,
    call: async (path, method = "GET") => void (await send(path, method)),
    page: () => send("/metrics", "GET", { authorization: `Bearer ${TOKEN}` }),
  };
}

/** Traffic of every kind: good, failing, hostile. */
async function visit({ call }: App): Promise<void> {
  for (const path of ["/fail", "/orders", '/quo"te\\{}/7', "/none/%00", "/none/..%2f"]) await call(path);
  for (const method of ["POST", "PROPFIND", "TRACE"]) await call("/orders", method);
  for (let index = 0; index < 200; index++) await call(`/none/${index}`);
}

async function promtool(page: string): Promise<CommandResult> {
  const file = join(scratch.folder, "page.txt");
  await writeFile(file, page);
  const args = ["-c", 'exec "$0" check metrics < "$1"', binary("promtool"), file];
  return await runCommand(scratch, { command: "/bin/sh", args });
}

const registry = (text: string) => ({ metrics: () => text });
const ORDERS = "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total 7\n";

describe("promtool", () => {
  it.each(["prometheus", "otel"] as const)("finds nothing to say of a page with %s names", async (naming) => {
    const app = await startApp(naming, { registry: registry(ORDERS) });
    await visit(app);
    const page = await app.page();
    const { route } = metricNames(naming).labels;
    expect(page).toContain(`${route}="/quo\\"te\\\\{}/:id"`);
    expect(page).toContain("orders_total 7\n");
    expect(await promtool(page)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("would have found a page that says a name twice", async () => {
    const app = await startApp("prometheus");
    const page = await app.page();
    const twice = await promtool(`${page}# TYPE http_requests_total counter\nhttp_requests_total 1\n`);
    expect(twice.code).not.toBe(0);
  });
});

describe("Prometheus", () => {
  it("reads both formats, with the token, and sees the first error", async () => {
    const open = await startApp("prometheus");
    const clash = "# TYPE http_requests_total counter\nhttp_requests_total 1\n";
    const text = await startApp("prometheus", { registry: registry(clash + ORDERS) });
    const job = (name: string, { port }: App) => `
  - job_name: ${name}
    authorization: { credentials: ${TOKEN} }
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]`;
    const config = join(scratch.folder, "prometheus.yml");
    await writeFile(
      config,
      `global: { scrape_interval: 500ms, scrape_timeout: 400ms }\nscrape_configs:${job("open", open)}${job("text", text)}\n`,
    );
    const prometheus = await startPrometheus(scratch, config);
    const query = (promql: string) => instantQuery(prometheus, promql);
    const waitFor = (promql: string) =>
      until(promql, async () => (await query(promql)).length === 2, { within: 20_000, every: 200 });

    await waitFor("count_over_time(up[1m]) > 1 and up == 1");
    for (const app of [open, text]) await visit(app);
    // One request failed, once, and never before.
    await waitFor('increase(http_server_errors_total{path_template="/fail",status_code="500"}[1m]) > 0');
    await waitFor('http_requests_total{path_template="/quo\\"te\\\\{}/:id",status_code="200"} == 1');
    await waitFor('sum by (job) (http_requests_total{path_template="_unmatched"}) > 200');
    // The threshold is an edge, and each row adds up, in either format's spelling.
    await waitFor('count by (job) (http_request_duration_seconds_bucket{le="0.3"})');
    await waitFor(
      'sum by (job) (http_request_duration_seconds_bucket{le="+Inf"}) == sum by (job) (http_requests_total)',
    );

    const releases = await query("seakeep_service_info");
    expect(releases.map(({ labels }) => labels.version)).toEqual([
      HOSTILE_RELEASE.trim(),
      HOSTILE_RELEASE.trim(),
    ]);
    expect(await query('{__name__=~"forged.*"}')).toEqual([]);
    expect(await query("orders_total")).toMatchObject([{ labels: { job: "text" }, value: 7 }]);
    expect(await query('seakeep_internal_errors_total{part="registry"} > 0')).toMatchObject([
      { labels: { job: "text" } },
    ]);
    await prometheus.stop();
  });
});
