import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as Sentry from "@sentry/node";
import express from "express";
import fastify from "fastify";
import { afterEach, describe, expect, test, vi } from "vitest";
import { service } from "../adapters/conformance.testkit.ts";
import { observe as observeExpress } from "../adapters/express/index.ts";
import { observe as observeFastify } from "../adapters/fastify/index.ts";
import { observe as observeNode } from "../adapters/node-http/index.ts";
import { connectSentry, type SentryModule } from "./index.ts";

interface Sent {
  readonly release?: string;
  readonly tags?: Record<string, unknown>;
  readonly exception?: { readonly values?: readonly { readonly value?: string }[] };
}

const sent: Sent[] = [];
const closers: (() => unknown)[] = [];

/** The real package with a transport that keeps what it is given. */
function initSentry(): void {
  Sentry.init({
    dsn: "http://key@127.0.0.1:9/1",
    release: "v1.2.3",
    defaultIntegrations: false,
    transport: (options) =>
      Sentry.createTransport(options, async ({ body }) => {
        const text = typeof body === "string" ? body : new TextDecoder().decode(body);
        const items = text.split("\n").map((line) => JSON.parse(line) as Sent & { event_id?: string });
        sent.push(...items.filter((item) => item.exception !== undefined));
        return { statusCode: 200 };
      }),
  });
}

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  await Sentry.close();
  sent.length = 0;
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function events(): Promise<unknown[]> {
  await Sentry.flush(2000);
  return sent.map(({ release, tags, exception }) => ({
    ...{ release, route: tags?.route, id: tags?.request_id, error: exception?.values?.[0]?.value },
  }));
}

const options = { sentry: Sentry, log: false, environment: {} } as const;

describe("with the package, each event of a request has its id, its route and the release", () => {
  test("Fastify: thrown errors, and what the application sends after reading a body", async () => {
    initSentry();
    const app = fastify();
    await app.register(observeFastify(service, options));
    app.setErrorHandler((_error, _request, reply) => reply.code(500).send({ title: "an answer of its own" }));
    app.get("/items/:id", () => {
      throw new Error("fastify broke");
    });
    app.post("/items/:id", async () => {
      Sentry.captureException(new Error("of its own"));
      return "";
    });
    closers.push(() => app.close());
    const origin = await app.listen({ host: "127.0.0.1", port: 0 });
    await fetch(`${origin}/items/7`, { headers: { "x-request-id": "r-1" } });
    const headers = { "x-request-id": "r-2", "content-type": "application/json" };
    await fetch(`${origin}/items/8`, { method: "POST", headers, body: '{"a":1}' });
    expect(await events()).toEqual([
      { release: "v1.2.3", route: "/items/:id", id: "r-1", error: "fastify broke" },
      { release: "v1.2.3", route: "/items/:id", id: "r-2", error: "of its own" },
    ]);
  });

  test("Express: thrown errors of 500 and above, from mounted routers too", async () => {
    initSentry();
    const app = express();
    app.use(observeExpress(service, options));
    const users = express.Router();
    users.get("/users/:user", async () => {
      throw new Error("express broke");
    });
    app.use("/orgs/:org", users);
    app.get("/missing", () => {
      throw Object.assign(new Error("not for Sentry"), { status: 404 });
    });
    app.set("env", "test");
    const origin = await listening(createServer(app));
    await fetch(`${origin}/orgs/acme/users/5`, { headers: { "x-request-id": "r-3" } });
    await fetch(`${origin}/missing`);
    expect(await events()).toEqual([
      { release: "v1.2.3", route: "/orgs/:org/users/:user", id: "r-3", error: "express broke" },
    ]);
  });

  test("node:http: what the listener rejects with, which still rejects", async () => {
    initSentry();
    const observed = observeNode(
      service,
      async (_req, res) => {
        res.end();
        throw new Error("node broke");
      },
      options,
    );
    const rejected = vi.fn();
    const origin = await listening(
      createServer((req, res) => void Promise.resolve(observed(req, res)).catch(rejected)),
    );
    await fetch(`${origin}/hello`, { headers: { "x-request-id": "r-4" } });
    await vi.waitFor(() => expect(rejected).toHaveBeenCalledWith(new Error("node broke")));
    expect(await events()).toEqual([{ release: "v1.2.3", route: "/hello", id: "r-4", error: "node broke" }]);
  });
});

test("SENTRY_DSN alone loads and sets up the package; a Sentry that is down costs nothing", async () => {
  const app = fastify();
  const environment = { SENTRY_DSN: "http://key@127.0.0.1:9/1", RELEASE: "v9" };
  await app.register(observeFastify(service, { log: false, environment }));
  app.get("/hello", () => {
    throw new Error("nobody hears");
  });
  closers.push(() => app.close());
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  expect(Sentry.getClient()?.getOptions()).toMatchObject({ dsn: environment.SENTRY_DSN, release: "v9" });
  expect((await fetch(`${origin}/hello`)).status).toBe(500);
  expect((await app.inject("/hello")).statusCode).toBe(500);
});

describe("without", () => {
  const setup = { module: undefined, dsn: undefined, release: undefined, failed: vi.fn() };

  test("a DSN nothing is loaded", () => {
    const load = vi.fn();
    expect(connectSentry({ ...setup, load })).toBeUndefined();
    expect(connectSentry({ ...setup, module: false, dsn: "x", load })).toBeUndefined();
    expect(load).not.toHaveBeenCalled();
  });

  test("the package, or with one that fails to start, the reason is told", async () => {
    const missing = new Error("Cannot find package");
    const failed = vi.fn();
    expect(
      await connectSentry({ ...setup, dsn: "x", failed, load: () => Promise.reject(missing) }),
    ).toBeUndefined();
    const broken = new Error("init");
    const init = () => {
      throw broken;
    };
    const module = { ...fake(), init };
    expect(await connectSentry({ ...setup, dsn: "x", failed, load: async () => module })).toBeUndefined();
    expect(failed.mock.calls).toEqual([[missing], [broken]]);
  });
});

test("a Sentry that throws at every turn: the work is done once, its own errors go through", () => {
  const fault = new Error("sentry");
  const failed = vi.fn();
  const fail = () => {
    throw fault;
  };
  const throwing = { ...fake(), withIsolationScope: fail, captureException: fail };
  const port = connectSentry({ module: throwing, dsn: "x", release: undefined, failed });
  if (port === undefined || port instanceof Promise) throw new Error("expected a port at once");
  const tags = () => ({ requestId: "r", route: "/" });
  const work = vi.fn(() => "done");
  expect(port.run(tags, work)).toBe("done");
  expect(work).toHaveBeenCalledOnce();
  port.capture(new Error("mine"));
  expect(failed.mock.calls).toEqual([[fault], [fault]]);
  const mine = connectSentry({ module: fake(), dsn: "x", release: undefined, failed });
  if (mine === undefined || mine instanceof Promise) throw new Error("expected a port at once");
  const raise = () => {
    throw new Error("mine");
  };
  expect(() => mine.run(tags, raise)).toThrow("mine");
});

function fake(): SentryModule {
  return {
    init: () => {},
    getClient: () => undefined,
    withIsolationScope: (work) => work({ addEventProcessor: () => {} }),
    captureException: () => {},
  };
}
