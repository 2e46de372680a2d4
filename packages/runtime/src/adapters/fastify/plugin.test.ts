import { defineService, errors, latency } from "@seakeep/contract";
import fastify from "fastify";
import { expect, test } from "vitest";
import { service } from "../conformance.testkit.ts";
import { observe, requestId } from "./index.ts";

function recorded() {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: { write: (line: string) => void lines.push(JSON.parse(line)) } };
}

test("registering twice is an error", async () => {
  const app = fastify();
  await app.register(observe(service, { log: false }));
  await expect(app.register(observe(service, { log: false }))).rejects.toThrow("SK-RUNTIME-002");
  await app.close();
});

test("inject() is observed like a request, with the id everywhere the same", async () => {
  const { lines, log } = recorded();
  const app = fastify();
  await app.register(observe(service, { log, environment: {} }));
  app.get("/hello", async (request) => [request.id, requestId(request)]);
  const reply = await app.inject("/hello");
  const id = lines[0]?.request_id;
  expect(lines).toEqual([
    expect.objectContaining({
      path_template: "/hello",
      status: 200,
      outcome: "ok",
      bytes: reply.body.length,
    }),
  ]);
  expect(reply.json()).toEqual([id, id]);
  expect(reply.headers["x-request-id"]).toBe(id);
  expect((await app.inject("/livez")).json()).toEqual({ status: "up" });
  await app.close();
});

test("an SLO's route that is not registered, and a route under one of our endpoints, are told once", async () => {
  const { lines, log } = recorded();
  const slow = (route: string) => latency({ objective: 95, threshold: "1s", routes: [route] });
  const declared = defineService({
    ...{ name: "x", owner: "y" },
    slos: [errors({ objective: 99 }), slow("POST /uplaod/"), slow("GET /api/hello")],
  });
  const app = fastify();
  await app.register(observe(declared, { log, environment: {} }));
  await app.register(async (api) => void api.get("/hello", async () => "hello"), { prefix: "/api" });
  app.get("/healthz", async () => "mine");
  await app.ready();
  expect(lines).toEqual([
    expect.objectContaining({ level: "warn", route: "/healthz" }),
    expect.objectContaining({ level: "warn", route: "POST /uplaod/", slo: expect.any(String) }),
  ]);
  expect((await app.inject("/healthz")).json()).toMatchObject({ status: "up" });
  await app.close();
});

test("registered routes have their series at zero before the first request", async () => {
  const app = fastify();
  await app.register(observe(service, { log: false, environment: {} }));
  app.get("/fresh/:id", async () => "");
  const page = (await app.inject({ url: "/metrics", headers: { host: "localhost" } })).body;
  expect(page).toContain('http_requests_total{method="GET",path_template="/fresh/:id",status_code="500"} 0');
  expect(page).not.toContain('path_template="/healthz"');
  await app.close();
});

test("what routing refuses before any hook is recorded, with an id in the reply", async () => {
  const { lines, log } = recorded();
  const app = fastify();
  await app.register(observe(service, { log, environment: {} }));
  app.get("/items/:id", async () => "");
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  for (const path of ["/items/%zz", `/items/${"x".repeat(200)}`]) {
    const reply = await fetch(origin + path, { headers: { connection: "close" } });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.headers.get("x-request-id")).toBe(lines.at(-1)?.request_id);
    expect(lines.at(-1)).toMatchObject({ path_template: "_unmatched", status: reply.status });
  }
  expect(lines).toHaveLength(2);
  await app.close();
});

test("closing turns /readyz before connections are cut", async () => {
  const app = fastify();
  const observed = observe(service, { log: false, environment: {} });
  await app.register(observed);
  let whileClosing: number | undefined;
  app.addHook("preClose", async () => {
    whileClosing = (await fetch(`${origin}/readyz`, { headers: { connection: "close" } })).status;
  });
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  await app.close();
  expect(whileClosing).toBe(503);
});
