import { connect as connectSocket } from "node:net";
import { formatRoute } from "@seakeep/contract";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, expect, test } from "vitest";
import { buildApp } from "./app.ts";
import { accessTokens, type Role } from "./auth/access-tokens.ts";
import { type Config, readConfig } from "./config.ts";
import { connect } from "./database.ts";
import { service } from "./service.ts";

// The whole service, except that its database is out of reach: what must hold before a query is made.

const JWT_SECRET = "a secret for the tests, long enough";
const base = readConfig({ JWT_SECRET, DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

interface Logged {
  readonly error?: Error;
}

async function open(config: Partial<Config> = {}) {
  const database = connect(base.databaseUrl, 1);
  const logged: Logged[] = [];
  const write = (fields: Logged) => logged.push(fields);
  const exits: number[] = [];
  const app = await buildApp(
    { ...base, accessLog: false, ...config },
    {
      database,
      mail: { send: async () => {} },
      log: { info: () => {}, warn: write, error: write },
      exit: (code) => exits.push(code),
    },
  );
  opened.push(
    () => database.end(),
    () => app.close(),
  );
  return { app, logged, exits };
}

async function problemOf(app: FastifyInstance, request: InjectOptions) {
  const response = await app.inject(request);
  expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  const body = response.json();
  expect(body).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(body.status).toBe(response.statusCode);
  return { ...body, headers: response.headers };
}

async function bearer(role: Role) {
  const token = await accessTokens(JWT_SECRET).issue({ id: "7d444840-9dc0-41d1-b245-5ffdce74fad2", role });
  return { authorization: `Bearer ${token}` };
}

const login = { method: "POST", url: "/api/v1/auth/login/" } as const;
const courses = "/api/v1/courses/";
const course = `${courses}7d444840-9dc0-41d1-b245-5ffdce74fad2/`;

test("the OpenAPI document is valid, holds every declared route, and tells every error", async () => {
  const { app } = await open();
  const document = (await app.inject("/api/schema/")).json();
  expect(document.openapi).toBe("3.1.0");
  expect(await new Validator().validate(document)).toEqual({ valid: true });
  const documented = Object.entries<object>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(
      (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    ),
  );
  expect(documented.sort()).toEqual(service.routes.map(formatRoute).sort());
  const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  for (const [path, operations] of Object.entries<object>(document.paths)) {
    if (!path.startsWith("/api/v1/")) continue;
    for (const { operationId, security = [], responses } of Object.values(operations)) {
      const needsToken = security.some((scheme: object) => "bearer" in scheme);
      for (const status of [400, 429, "default", ...(needsToken ? [401] : [])]) {
        expect(responses[status]?.content, `${operationId} ${status}`).toEqual(problem);
      }
    }
  }
});

test.each([
  ["a path that is not there", { url: "/nowhere" }, 404, "There is nothing at this address."],
  ["a path without its slash", { url: "/api/v1/courses" }, 404, "There is nothing at this address."],
  ["a path that cannot be decoded", { url: "/%zz" }, 400, "'/%zz' is not a valid url component."],
  ["an unknown id", { url: `${courses}17/` }, 400, "Some fields are not as they should be."],
  [
    "a body that is no JSON",
    { ...login, headers: { "content-type": "application/json" }, payload: "{" },
    400,
    "JSON",
  ],
  [
    "a body of another type",
    { ...login, headers: { "content-type": "text/csv" }, payload: "a" },
    415,
    "Unsupported",
  ],
  ["a body too large", { ...login, payload: { email: "a".repeat(70_000) } }, 413, "too large"],
  ["no token", { method: "POST", url: courses }, 401, "Log in"],
  ["no database", { url: courses }, 503, "The service cannot reach its database."],
] as const)("%s is told as a problem", async (_name, request, status, detail) => {
  const { app } = await open();
  const problem = await problemOf(app, request as InjectOptions);
  expect(problem.status).toBe(status);
  expect(problem.detail).toContain(detail);
});

test("without its database it is alive, and not well", async () => {
  const { app } = await open();
  const [live, ready, health] = await Promise.all(
    ["/livez", "/readyz", "/healthz"].map((url) => app.inject(url)),
  );
  expect([live?.statusCode, ready?.statusCode, health?.statusCode]).toEqual([200, 503, 503]);
  expect(health?.json()).toEqual({ status: "down", checks: { database: "down" } });
});

test("a request keeps the id it came with, in the header and in the problem", async () => {
  const { app } = await open();
  const problem = await problemOf(app, { url: "/nowhere", headers: { "x-request-id": "from-the-proxy" } });
  expect([problem.request_id, problem.headers["x-request-id"]]).toEqual(["from-the-proxy", "from-the-proxy"]);
});

test("another method is a 405 that names those that are allowed", async () => {
  const { app } = await open();
  const { status, headers } = await problemOf(app, { method: "PUT", url: course });
  expect([status, headers.allow]).toEqual([405, "GET, HEAD, PATCH, DELETE"]);
});

test("every field that is wrong is named, wherever it stood", async () => {
  const { app } = await open();
  const query = await problemOf(app, { url: `${courses}?limit=0&level=expert&page=2` });
  expect(query).toMatchObject({ status: 400, type: "tag:example.com,2026:courses-api/invalid-request" });
  expect(query.errors).toEqual([
    { in: "query", pointer: "", detail: "must not have additional properties: page" },
    {
      in: "query",
      pointer: "/level",
      detail: "must be equal to one of the allowed values: beginner, intermediate, advanced",
    },
    { in: "query", pointer: "/limit", detail: "must be >= 1" },
  ]);
  const body = await problemOf(app, { ...login, payload: { email: "ada", password: 7 } });
  expect(body.errors).toEqual([
    { in: "body", pointer: "/email", detail: 'must match format "email"' },
    { in: "body", pointer: "/password", detail: "must be string" },
  ]);
});

test("a text that Postgres could not store is refused before it gets there", async () => {
  const { app } = await open();
  const payload = { title: "nul \u0000 nul", level: "beginner" };
  const request = { method: "POST", url: courses, headers: await bearer("instructor"), payload } as const;
  expect((await problemOf(app, request)).errors).toMatchObject([{ in: "body", pointer: "/title" }]);
});

test("who is unknown gets 401 with a challenge, who is known and may not gets 403", async () => {
  const { app } = await open();
  const post = (headers: Record<string, string>) => problemOf(app, { method: "POST", url: courses, headers });
  const unknown = await post({});
  expect([unknown.status, unknown.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="courses-api"']);
  const forged = await post({ authorization: "Bearer a.b.c" });
  expect(forged.headers["www-authenticate"]).toBe('Bearer realm="courses-api", error="invalid_token"');
  expect((await post(await bearer("student"))).status).toBe(403);
  expect((await post(await bearer("instructor"))).status).toBe(400); // let in, and the body is missing
});

test("a bad token is refused even where none is needed", async () => {
  const { app } = await open();
  expect((await problemOf(app, { url: courses, headers: { authorization: "Basic YTpi" } })).status).toBe(401);
});

test("too many requests are a 429 with Retry-After, sooner for passwords than for the rest", async () => {
  const { app } = await open({ rateLimit: 3, loginRateLimit: 1 });
  const statuses = async (request: InjectOptions, times: number) => {
    const responses = [];
    for (let n = 0; n < times; n++) responses.push(await app.inject(request));
    return responses.map(({ statusCode }) => statusCode);
  };
  expect(await statuses(login, 2)).toEqual([400, 429]);
  expect(await statuses({ url: `${courses}?limit=0` }, 4)).toEqual([400, 400, 400, 429]);
  expect(await statuses({ url: "/nowhere" }, 1)).toEqual([429]);
  const { headers } = await problemOf(app, login);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
});

test("our own fault is a 500 that says nothing about us, and a line in the log that does", async () => {
  const { app, logged } = await open({ faults: true });
  await app.inject({ method: "POST", url: "/__faults/", payload: { errors: 1 } });
  const { headers: _, request_id, ...problem } = await problemOf(app, { url: courses });
  expect(problem).toEqual({
    type: "about:blank",
    title: "Internal Server Error",
    status: 500,
    detail: "Something went wrong on our side.",
  });
  expect(logged).toEqual([{ request_id, error: new Error("A fault was asked for.") }]);
});

test("faults: a share of errors, a delay, an end, and nothing once healed", async () => {
  const { app, exits } = await open({ faults: true });
  const set = (payload: object, headers = {}) =>
    app.inject({ method: "POST", url: "/__faults/", payload, headers }).then(({ statusCode }) => statusCode);
  const get = () => app.inject(`${courses}?limit=0`).then(({ statusCode }) => statusCode);

  expect(await set({ errors: 0.5, slowMs: 50 })).toBe(200);
  const start = performance.now();
  expect([await get(), await get(), await get(), await get()]).toEqual([400, 500, 400, 500]);
  expect(performance.now() - start).toBeGreaterThan(195);

  expect(await set({ errors: 2 })).toBe(400);
  expect(await set({ errors: 1 }, { "x-forwarded-for": "10.0.0.1" })).toBe(404);
  expect(await set({})).toBe(200);
  expect(await get()).toBe(400);
  expect(await set({ exit: true })).toBe(200);
  await expect.poll(() => exits).toEqual([1]);
});

test("faults are not there unless enabled, and never for another machine", async () => {
  const request = { method: "POST", url: "/__faults/", payload: { errors: 1 } } as const;
  expect((await problemOf((await open()).app, request)).status).toBe(404);
  const { app } = await open({ faults: true });
  expect((await problemOf(app, { ...request, remoteAddress: "10.0.0.1" })).status).toBe(404);
  expect((await app.inject("/api/schema/")).body).not.toContain("__faults");
});

test("what is not even HTTP is answered as a problem too", async () => {
  const { app } = await open();
  const { port } = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
  const send = async (text: string) => {
    let answer = "";
    for await (const chunk of connectSocket(Number(port), "127.0.0.1").end(text).setEncoding("utf8"))
      answer += chunk;
    return answer;
  };
  expect(await send("HELO courses\r\n\r\n")).toMatch(
    /^HTTP\/1\.1 400 .*application\/problem\+json.*"status":400/s,
  );
  const header = `X: ${"a".repeat(40_000)}`;
  expect(await send(`GET / HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431 .*"status":431/s,
  );
});
