import type { IncomingHttpHeaders, Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { defineService, errors, type Service } from "@seakeep/contract";
// biome-ignore lint/correctness/noUndeclaredDependencies: a suite for tests, never shipped; vitest is the workspace's
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ObserveHandle, ObserveOptions } from "./shared.ts";

/** The service that every adapter under test observes, with the routes of {@link Running}. */
export const service: Service = defineService({
  name: "conformance",
  owner: "tests",
  slos: [errors({ objective: 99 })],
  routes: [
    ...["GET /hello", "GET /items/:id", "POST /items/:id", "GET /orgs/:org/users/:user", "GET /array"],
    ...["GET /stream", "GET /broken", "GET /hang", "GET /big", "GET /late", "GET /status/:code"],
    ...["GET /auth/login", "GET /throw", "GET /reject"],
  ],
  audit: { sensitive: ["/auth/"] },
});

/** A listening server with an observed application that has these routes. */
interface Running extends ObserveHandle {
  readonly server: Server;
  stop(): Promise<unknown>;
}

export interface Subject {
  /** False where a thrown error is the process's business, not the framework's. */
  readonly answersErrors: boolean;
  /** False where parser errors cannot be counted without taking them over. */
  readonly seesParserErrors: boolean;
  /**
   * Starts the application: `GET /hello` "hello", `GET /items/:id` JSON, `POST /items/:id` the length of the body,
   * `GET /orgs/:org/users/:user` below a mounted router, `GET /stream` {@link slowly}, `GET /broken` {@link broken},
   * `GET /hang` nothing, `GET /late` "late" after 50 ms, `GET /big` {@link BIG}, `GET /status/:code` that status,
   * `GET /auth/login` 400, `GET /throw` throws, `GET /reject` rejects, `GET /array` writes its head from an array.
   */
  start(options: ObserveOptions<Asked>, http: { maxHeaderSize: number }): Promise<Running>;
}

/** More than the buffers of a loopback connection hold. */
export const BIG: Buffer = Buffer.alloc(32 * 1024 * 1024, "x");

/** Five chunks of ten bytes, 20 ms apart. */
export async function* slowly(): AsyncGenerator<string> {
  for (let chunk = 0; chunk < 5; chunk++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield "0123456789";
  }
}

/** A stream that fails after its first chunk. */
export function broken(): Readable {
  const chunks = (async function* () {
    yield "first";
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new Error("the source broke");
  })();
  return Readable.from(chunks);
}

/** What the requests of all frameworks have. */
interface Asked {
  readonly headers: IncomingHttpHeaders;
}

type Line = Record<string, unknown>;

/** Everything an adapter must do, against a real server. */
export function conformance(name: string, subject: Subject): void {
  const running: { stop(): unknown }[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
  });

  async function started(options: ObserveOptions<Asked> = {}) {
    const lines: Line[] = [];
    const raw: string[] = [];
    const log = {
      write(line: string) {
        raw.push(line);
        lines.push(JSON.parse(line) as Line);
      },
    };
    const app = await subject.start({ log, environment: {}, ...options }, { maxHeaderSize: 256 * 1024 });
    running.push(app);
    const { port } = app.server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    const requests = () => lines.filter((line) => "outcome" in line);
    return {
      ...{ app, port, origin, lines, raw, requests },
      get: (path: string, init?: RequestInit) => fetch(origin + path, init),
      /** The log line of the only request so far, once it is there. */
      line: () => vi.waitFor(() => only(requests()), WAIT),
      count: (count: number) => vi.waitFor(() => expect(requests()).toHaveLength(count), WAIT),
      idle: () => vi.waitFor(() => expect(app.inFlight).toBe(0), WAIT),
      sample: (text: string) => sampleOf(origin, text),
    };
  }

  describe(`${name}: requests`, () => {
    test("one log line with its fields in order, one sample, and the id in the reply", async () => {
      const { get, line, sample } = await started();
      const reply = await get("/items/7?secret=1");
      expect(await reply.json()).toEqual({ id: "7" });
      const logged = await line();
      expect(Object.keys(logged).join(" ")).toBe(
        "time request_id method path path_template status user ip duration_ms bytes outcome level",
      );
      expect(logged).toMatchObject({
        ...{ method: "GET", path: "/items/7", path_template: "/items/:id", status: 200, user: null },
        ...{ ip: "127.0.0.1", bytes: 10, outcome: "ok", level: "info" },
      });
      expect(logged.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(logged.duration_ms).toBeGreaterThan(0);
      expect(reply.headers.get("x-request-id")).toBe(logged.request_id);
      const labels = 'method="GET",path_template="/items/:id",status_code="200"';
      expect(await sample(`http_requests_total{${labels}}`)).toBe(1);
      expect(await sample(`http_request_duration_seconds_count{${labels}}`)).toBe(1);
      expect(await sample("http_requests_in_flight")).toBe(0);
    });

    test("a safe request id and the trace id are kept, an unsafe one is replaced", async () => {
      const { get, requests, count } = await started();
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const kept = await get("/hello", { headers: { "x-request-id": "Abc-1.2_3", traceparent } });
      expect(kept.headers.get("x-request-id")).toBe("Abc-1.2_3");
      for (const id of ["a b", "a".repeat(129), "x".repeat(64 * 1024), '"}{"', "é"]) {
        const reply = await get("/hello", { headers: { "x-request-id": id } });
        expect(reply.status).toBe(200);
        expect(reply.headers.get("x-request-id")).toMatch(/^[A-Za-z0-9_-]{14,40}$/);
      }
      await count(6);
      expect(requests()[0]).toMatchObject({ trace_id: "0af7651916cd43dd8448eb211c80319c" });
      expect(new Set(requests().map((line) => line.request_id)).size).toBe(6);
    });

    test("mounted routers give their patterns, never what they matched", async () => {
      const { get, line } = await started();
      expect((await get("/orgs/acme/users/5")).status).toBe(200);
      expect(await line()).toMatchObject({ path_template: "/orgs/:org/users/:user" });
    });

    test("no route: one label", async () => {
      const { get, line, sample } = await started();
      expect((await get("/nowhere/42")).status).toBe(404);
      expect(await line()).toMatchObject({ path_template: "_unmatched", status: 404 });
      const labels = 'method="GET",path_template="_unmatched",status_code="404"';
      expect(await sample(`http_requests_total{${labels}}`)).toBe(1);
    });

    test("HEAD falls under the route of GET and sends no body", async () => {
      const { get, line } = await started();
      expect((await get("/items/7", { method: "HEAD" })).status).toBe(200);
      expect(await line()).toMatchObject({
        method: "HEAD",
        path_template: "/items/:id",
        bytes: 0,
        outcome: "ok",
      });
    });

    test("a body that is read", async () => {
      const { get, line } = await started();
      const reply = await get("/items/7", { method: "POST", body: "x".repeat(100_000) });
      expect(await reply.text()).toBe("100000");
      expect(await line()).toMatchObject({ method: "POST", path_template: "/items/:id", outcome: "ok" });
    });

    test("a slow stream is timed to its end", async () => {
      const { get, line } = await started();
      expect(await (await get("/stream")).text()).toHaveLength(50);
      const logged = await line();
      expect(logged).toMatchObject({ status: 200, outcome: "ok" });
      expect(logged.duration_ms).toBeGreaterThan(90);
      expect(logged.bytes).toBeGreaterThanOrEqual(50);
    });

    test("headers written from an array keep the id", async () => {
      const { get, line } = await started();
      const reply = await get("/array");
      expect(reply.headers.get("x-array")).toBe("yes");
      const logged = await line();
      expect(reply.headers.get("x-request-id")).toBe(logged.request_id);
    });

    test("an unknown method is one label", async () => {
      const { port, line, sample } = await started();
      await exchange(port, "PROPFIND /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      expect(await line()).toMatchObject({ method: "PROPFIND", path_template: "_unmatched", status: 404 });
      const labels = 'method="_OTHER",path_template="_unmatched",status_code="404"';
      expect(await sample(`http_requests_total{${labels}}`)).toBe(1);
    });

    test("HTTP/1.0, the absolute form, and an upgrade nobody takes", async () => {
      const { port, count, requests } = await started();
      await exchange(port, "GET /hello HTTP/1.0\r\n\r\n");
      await exchange(
        port,
        "GET http://user:pass@example.org/hello?q HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      );
      const upgrade = "Connection: upgrade\r\nUpgrade: websocket";
      const client = await open(port, `GET /hello HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n\r\n`);
      await count(3);
      client.destroy();
      expect(requests().map((line) => [line.path, line.status, line.bytes])).toEqual([
        ["/hello", 200, 5],
        ["/hello", expect.any(Number), expect.any(Number)],
        ["/hello", 200, 5],
      ]);
    });

    if (subject.seesParserErrors) {
      test("what the parser refuses is counted", async () => {
        const { port, line, sample } = await started();
        const reply = await exchange(port, "GET /hello HTTP/1.1\r\nbad header\r\n\r\n");
        expect(reply).toMatch(/^HTTP\/1.1 400 /);
        expect(await line()).toMatchObject({ method: "_OTHER", path_template: "_unmatched", status: 400 });
        const labels = 'method="_OTHER",path_template="_unmatched",status_code="400"';
        expect(await sample(`http_requests_total{${labels}}`)).toBe(1);
      });
    }
  });

  describe(`${name}: connections`, () => {
    test("keep-alive: each request has its own bytes", async () => {
      const { port, count, requests } = await started();
      const client = await open(port, "");
      for (let n = 1; n <= 3; n++) {
        client.write("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        await count(n);
      }
      client.destroy();
      expect(requests().map((line) => line.bytes)).toEqual([5, 5, 5]);
    });

    test("pipelining: replies in order, each recorded once", async () => {
      const { port, count, requests, idle } = await started();
      const client = await open(port, get("/late") + get("/hello") + get("/items/1"));
      await count(3);
      client.destroy();
      await idle();
      expect(requests().map((line) => [line.path, line.bytes, line.outcome])).toEqual([
        ["/late", 4, "ok"],
        ["/hello", 5, "ok"],
        ["/items/1", 10, "ok"],
      ]);
    });

    test("pipelined requests whose connection dies before their turn are aborted", async () => {
      const { port, app, count, requests, idle } = await started();
      const client = await open(port, get("/hang") + get("/hello") + get("/hello"));
      await vi.waitFor(() => expect(app.inFlight).toBe(3), WAIT);
      client.resetAndDestroy();
      await count(3);
      await idle();
      expect(requests().map((line) => [line.status, line.outcome])).toEqual(Array(3).fill([499, "aborted"]));
    });

    test.each(["reset", "end"] as const)("a client that leaves before the reply (%s) is 499", async (how) => {
      const { port, app, line, idle, sample } = await started();
      const client = await open(port, get("/hang"));
      await vi.waitFor(() => expect(app.inFlight).toBe(1), WAIT);
      leave(client, how);
      expect(await line()).toMatchObject({ status: 499, outcome: "aborted", bytes: 0, ip: "127.0.0.1" });
      await idle();
      expect(await sample('http_requests_total{method="GET",path_template="/hang",status_code="499"}')).toBe(
        1,
      );
    });

    test("a client that leaves during a stream: the status stays, the outcome tells", async () => {
      const { port, line, idle } = await started();
      const client = await open(port, get("/stream"));
      await new Promise((resolve) => client.once("data", resolve));
      leave(client, "reset");
      expect(await line()).toMatchObject({ status: 200, outcome: "aborted" });
      await idle();
    });

    test("a client that leaves while a whole body is being sent", async () => {
      const { port, line } = await started();
      const client = await open(port, get("/big"));
      await new Promise((resolve) => client.once("readable", resolve));
      leave(client, "reset");
      expect(await line()).toMatchObject({ status: 200, outcome: "aborted" });
    });

    test("a reply that the server breaks off", async () => {
      const { port, line, idle } = await started();
      await exchange(port, get("/broken"));
      expect(await line()).toMatchObject({ status: 200, outcome: "broken" });
      await idle();
    });

    test("a request that the server hangs up on is a server error", async () => {
      const { port, app, line } = await started();
      await open(port, get("/hang"));
      await vi.waitFor(() => expect(app.inFlight).toBe(1), WAIT);
      app.server.closeAllConnections();
      expect(await line()).toMatchObject({ status: 500, outcome: "broken" });
    });
  });

  describe(`${name}: errors and security events`, () => {
    if (subject.answersErrors) {
      test.each(["/throw", "/reject"])("%s is counted as 500", async (path) => {
        const { get, line, sample } = await started();
        expect((await get(path)).status).toBe(500);
        expect(await line()).toMatchObject({ path_template: path, status: 500, outcome: "ok" });
        const labels = `method="GET",path_template="${path}",status_code="500"`;
        expect(await sample(`http_server_errors_total{${labels}}`)).toBe(1);
      });
    }

    test("401, 403 and 429 anywhere, and any failure on a sensitive path, however it is spelled", async () => {
      const { port, get: fetched, lines, count, sample } = await started({ user: () => "u-1" });
      for (const status of [401, 403, 429, 404, 500]) await fetched(`/status/${status}`);
      await fetched("/auth/login");
      for (const path of ["/auth/none", "/AUTH/none", "//auth//none", "/x/../auth/none", "/%61uth/none"]) {
        await exchange(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      }
      await count(11);
      const events = lines.filter((line) => "event.action" in line);
      expect(events.map((line) => line["event.action"])).toEqual([
        ...["authn_login_fail", "authz_fail", "excess_rate_limit_exceeded", "input_validation_fail"],
        ...Array(5).fill("sensitive_request_fail"),
      ]);
      expect(events[0]).toMatchObject({
        ...{ "log.level": "warn", "event.outcome": "failure", "service.name": "conformance" },
        ...{ "http.response.status_code": 401, "url.path": "/status/401", "source.ip": "127.0.0.1" },
        ...{ "user.id": "u-1", "http.request.id": expect.any(String) },
      });
      expect(await sample('http_security_events_total{event="authn_login_fail"}')).toBe(1);
      expect(await sample('http_security_events_total{event="sensitive_request_fail"}')).toBe(5);
    });

    test("a user function, logger or sink that throws costs the request nothing", async () => {
      const fail = () => {
        throw new Error("broken");
      };
      const { get, sample } = await started({ user: fail, log: { write: fail } });
      expect((await get("/hello")).status).toBe(200);
      await vi.waitFor(
        async () => expect(await sample('seakeep_internal_errors_total{part="log"}')).toBe(2),
        WAIT,
      );
    });

    test("pino-shaped loggers get the fields; with log: false the events are still counted", async () => {
      const info = vi.fn();
      const warn = vi.fn();
      const loud = await started({ log: { info, warn } });
      await loud.get("/status/401");
      await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce(), WAIT);
      expect(info).toHaveBeenCalledWith(expect.objectContaining({ status: 401, outcome: "ok" }), "request");
      const silent = await started({ log: false });
      await silent.get("/status/401");
      expect(await silent.sample('http_security_events_total{event="authn_login_fail"}')).toBe(1);
    });
  });

  describe(`${name}: hostile callers`, () => {
    test("forwarding headers are believed from declared proxies only", async () => {
      const headers = { "x-forwarded-for": "198.51.100.7" };
      const alone = await started();
      await alone.get("/hello", { headers });
      expect(await alone.line()).toMatchObject({ ip: "127.0.0.1" });
      const behind = await started({ trust: ["127.0.0.0/8"] });
      await behind.get("/hello", { headers });
      expect(await behind.line()).toMatchObject({ ip: "198.51.100.7" });
    });

    test("nothing a caller sends forges a log line or reaches a terminal raw", async () => {
      // Node's parser refuses raw control and non-ASCII bytes in paths; header values may hold the latter.
      const user = ({ headers }: Asked) => String(headers["x-user"]);
      const { port, raw, count, requests } = await started({ user });
      const paths = [
        '/a"},{"status":200}',
        "/%0a{%22status%22:200}",
        "/%1b[31m",
        `/${"x".repeat(64 * 1024)}`,
      ];
      for (const path of paths) {
        const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-ID: 1","status":"9\r\nX-User: \x9b31m\r\n`;
        await exchange(port, `${head}X-Forwarded-For: \x9b31m\r\nConnection: close\r\n\r\n`);
      }
      await count(paths.length);
      for (const line of raw) {
        expect(line.endsWith("}\n")).toBe(true);
        expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/);
        expect(line.length).toBeLessThan(2500);
      }
      expect(requests().map((line) => line.status)).toEqual([404, expect.any(Number), 404, 404]);
      expect(requests()[0]?.user).toBe("\\u009b31m");
    });

    test("10,000 random paths and methods leave the series bounded", async () => {
      const { port, origin, app, sample, idle } = await started({ log: false });
      const before = await seriesOf(origin);
      for (let batch = 0; batch < 20; batch++) await flood(port, 500);
      await idle();
      const after = await seriesOf(origin);
      expect(after - before).toBeLessThan(100);
      expect(await sample('seakeep_internal_errors_total{part="exchange"}')).toBe(0);
      expect(app.inFlight).toBe(0);
    }, 30_000);
  });

  describe(`${name}: endpoints`, () => {
    test("are answered, and are no traffic", async () => {
      const { get, requests, sample } = await started({
        health: { database: () => true, cache: () => false },
      });
      expect((await get("/livez")).status).toBe(200);
      expect((await get("/readyz")).status).toBe(503);
      expect((await get("/readyz?exclude=cache")).status).toBe(200);
      expect((await get("/healthz", { method: "HEAD" })).status).toBe(503);
      expect((await get("/healthz/database")).status).toBe(200);
      expect((await get("/healthz/unknown")).status).toBe(404);
      expect((await get("/livez", { method: "POST" })).status).toBe(405);
      const health = await get("/healthz");
      expect(health.headers.get("content-type")).toBe("application/json");
      expect(await health.json()).toEqual({ status: "down", checks: { database: "up", cache: "down" } });
      expect(await sample("http_requests_in_flight")).toBe(0);
      expect(requests()).toEqual([]);
    });

    test("/metrics: off is 404, a token is asked for, the path can be moved", async () => {
      const off = await started({ environment: { METRICS_ENABLED: "false" } });
      expect((await off.get("/metrics")).status).toBe(404);
      const { get, lines } = await started({
        environment: { METRICS_TOKEN: "t0p" },
        metrics: { path: "/internal/m" },
      });
      expect((await get("/internal/m?token=t0q")).status).toBe(401);
      await vi.waitFor(() => expect(lines).toHaveLength(1), WAIT);
      expect(lines[0]).toMatchObject({ "event.action": "authn_login_fail", "url.path": "/internal/m" });
      expect((await get("/internal/m", { headers: { authorization: "Bearer t0p" } })).status).toBe(200);
      expect((await get("/metrics")).status).toBe(404);
    });

    test("drain turns /readyz to 503 and nothing else", async () => {
      const { app, get } = await started();
      expect((await get("/readyz")).status).toBe(200);
      app.drain();
      expect((await get("/readyz")).status).toBe(503);
      expect((await get("/livez")).status).toBe(200);
      expect((await get("/healthz")).status).toBe(200);
      expect((await get("/hello")).status).toBe(200);
    });

    test("an endpoint given up is the application's", async () => {
      const { get, line } = await started({ paths: { live: false, ready: false, health: false } });
      expect((await get("/healthz")).status).toBe(404);
      expect(await line()).toMatchObject({ path: "/healthz", path_template: "_unmatched" });
    });
  });
}

const WAIT = { timeout: 4000, interval: 5 };

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

function only(lines: readonly Line[]): Line {
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

function leave(client: Socket, how: "reset" | "end"): void {
  if (how === "reset") client.resetAndDestroy();
  else client.end();
}

/** Sends text on a connection of its own and leaves it open. */
async function open(port: number, text: string): Promise<Socket> {
  const client = connect(port, "127.0.0.1");
  client.on("error", () => {});
  await new Promise((resolve) => client.once("connect", resolve));
  if (text !== "") client.write(Buffer.from(text, "latin1"));
  if (!text.includes(" /big ")) client.resume();
  return client;
}

/** Sends text and gives all that comes back until the server closes. */
async function exchange(port: number, text: string): Promise<string> {
  const client = await open(port, text);
  let reply = "";
  client.on("data", (chunk) => {
    reply += chunk.toString("latin1");
  });
  await new Promise((resolve) => client.once("close", resolve));
  return reply;
}

/** Random paths, ids and forwarding headers, pipelined on one connection. */
async function flood(port: number, requests: number): Promise<void> {
  const random = () => Math.random().toString(36).slice(2);
  const methods = ["GET", "POST", "PUT", "DELETE", "PROPFIND", "M-SEARCH", "LINK"];
  let text = "";
  for (let n = 0; n < requests; n++) {
    const last = n === requests - 1 ? "Connection: close\r\n" : "";
    const head = `X-Request-ID: ${random()}\r\nX-Forwarded-For: ${random()}\r\nContent-Length: 0\r\n${last}`;
    text += `${methods[n % methods.length]} /${random()}/${random()}?${random()} HTTP/1.1\r\nHost: x\r\n${head}\r\n`;
  }
  await exchange(port, text);
}

async function exposition(origin: string): Promise<string[]> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

async function seriesOf(origin: string): Promise<number> {
  return (await exposition(origin)).length;
}

async function sampleOf(origin: string, name: string): Promise<number | undefined> {
  const line = (await exposition(origin)).find((text) => text.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
