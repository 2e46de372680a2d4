import { defineService, errors, latency, metricNames, NAMES, type Service } from "@seakeep/contract";
import { type Handler, reply } from "./server.ts";

/** What the test service promises. */
export const service: Service = defineService({
  name: "shop",
  owner: "sales",
  slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "300ms" })],
  routes: ["GET /items/", "GET /items/:id/", "GET /orders/", "GET /openapi.json"],
});

/** Overrides, by path; `*` is what no path matches. */
export type Faults = Readonly<Record<string, Handler>>;

/** A service that keeps every promise, but for the faults it is given. */
export function healthy(faults: Faults = {}, token?: string): Handler {
  const routes: Faults = {
    "/healthz": reply(200, { status: "up", checks: { database: "up" } }),
    "/metrics": metricsGate(exposition(), token),
    "/openapi.json": reply(200, schema()),
    "/items/": reply(200, { items: [{ id: "a1", price: 3 }] }),
    "/items/a1/": reply(200, { id: "a1", price: 3 }),
    "/orders/": reply(401, problem(401), { "content-type": "application/problem+json" }),
    "*": notFound,
    ...faults,
  };
  return (request, response) => (routes[request.url!.split("?")[0]!] ?? routes["*"]!)(request, response);
}

/** With a token: asks for it. Without: answers loopback, but nothing that was forwarded. */
export function metricsGate(text: string, token?: string): Handler {
  return (request, response) => {
    const { authorization } = request.headers;
    const admitted =
      token === undefined
        ? request.headers["x-forwarded-for"] === undefined
        : authorization === `Bearer ${token}`;
    const answer = admitted
      ? reply(200, text, { "content-type": "text/plain; version=0.0.4; charset=utf-8" })
      : reply(token === undefined ? 403 : 401, problem(token === undefined ? 403 : 401));
    answer(request, response);
  };
}

/** What it measures, as its declaration promises. */
export function exposition(
  changes: { hash?: string; name?: string; edges?: readonly number[] } = {},
): string {
  const names = metricNames("prometheus");
  const edges = changes.edges ?? service.edges;
  const labels = 'method="GET",path_template="/items/",status_code="200"';
  return [
    `# TYPE ${names.duration} histogram`,
    ...[...edges, "+Inf"].map((le) => `${names.duration}_bucket{${labels},le="${le}"} 3`),
    `${names.duration}_sum{${labels}} 0.25`,
    `${names.duration}_count{${labels}} 3`,
    `# TYPE ${names.requests} counter`,
    `${names.requests}{${labels}} 3`,
    `# TYPE ${names.serverErrors} counter`,
    `# TYPE ${names.inFlight} gauge`,
    `${names.inFlight} 0`,
    `${NAMES.metrics.serviceInfo}{service="${changes.name ?? "shop"}",version="1.4.2",declaration="${changes.hash ?? service.hash}"} 1`,
    "",
  ].join("\n");
}

/** Its OpenAPI document. */
export function schema(): Record<string, unknown> {
  const json = (of: object) => ({ content: { "application/json": { schema: of } } });
  const problem = {
    description: "No",
    content: { "application/problem+json": { schema: { type: "object" } } },
  };
  const item = { $ref: "#/components/schemas/Item" };
  const items = {
    type: "object",
    required: ["items"],
    properties: { items: { type: "array", items: item } },
  };
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  return {
    openapi: "3.1.0",
    info: { title: "Shop", version: "1" },
    paths: {
      "/items/": {
        get: { operationId: "listItems", responses: { 200: { description: "OK", ...json(items) } } },
      },
      "/items/{id}/": {
        get: {
          operationId: "getItem",
          parameters: [id],
          responses: { 200: { description: "OK", ...json(item) }, 404: problem },
        },
      },
      "/orders/": {
        get: {
          operationId: "listOrders",
          security: [{ key: [] }],
          responses: { 200: { description: "OK" }, 401: problem },
        },
      },
    },
    components: {
      schemas: {
        Item: {
          type: "object",
          required: ["id", "price"],
          properties: { id: { type: "string" }, price: { type: "integer" } },
        },
      },
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
}

/** 404 as RFC 9457 problem details, with a request id that is handed back only if it is safe. */
export const notFound: Handler = (request, response) => {
  const sent = String(request.headers[NAMES.headers.requestId] ?? "");
  reply(404, problem(404), {
    "content-type": "application/problem+json",
    [NAMES.headers.requestId]: /^[A-Za-z0-9._-]{1,128}$/.test(sent) ? sent : "made-here",
  })(request, response);
};

export function problem(status: number): Record<string, unknown> {
  return { type: "about:blank", title: "No", status, detail: "Not like this.", instance: "/here" };
}
