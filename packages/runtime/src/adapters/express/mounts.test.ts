import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express, type RequestHandler, Router } from "express";
import { afterEach, expect, test, vi } from "vitest";
import { service } from "../conformance.testkit.ts";
import { observe } from "./index.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const ok: RequestHandler = (_req, res) => void res.send("ok");

/** The templates under which requests for the paths are logged. */
async function templates(mount: (app: Express) => unknown, ...paths: string[]): Promise<unknown[]> {
  const lines: { path_template?: string }[] = [];
  const app = express();
  app.use(observe(service, { log: { write: (line) => void lines.push(JSON.parse(line)) }, environment: {} }));
  mount(app);
  const server = app.listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const path of paths) {
    const seen = lines.length;
    await (await fetch(origin + path, { headers: { connection: "close" } })).text();
    await vi.waitFor(() => expect(lines.length).toBe(seen + 1));
  }
  return lines.map((line) => line.path_template);
}

test("routers in routers", async () => {
  const inner = Router().get("/users/:user", ok).get("/", ok);
  const outer = Router().use("/teams/:team", inner);
  const mount = (app: Express) => app.use("/orgs/:org", outer);
  expect(await templates(mount, "/orgs/acme/teams/7/users/9", "/orgs/acme/teams/7")).toEqual([
    "/orgs/:org/teams/:team/users/:user",
    "/orgs/:org/teams/:team",
  ]);
});

test("one router in two places, at several paths, or added late", async () => {
  const shared = Router().get("/list", ok);
  const mount = (app: Express) => {
    app.use("/orgs/:org", shared).use(["/teams/:team", "/crews/:crew"], shared);
    app.get("/grow", (_req, res) => {
      app.use("/late/:x", Router().get("/y", ok));
      res.send("ok");
    });
  };
  const paths = ["/orgs/a/list", "/teams/b/list", "/crews/c/list", "/grow", "/late/1/y"];
  expect(await templates(mount, ...paths)).toEqual([
    ...["/orgs/:org/list", "/teams/:team/list", "/crews/:crew/list", "/grow", "/late/:x/y"],
  ]);
});

test("an application in an application, mounted by app or by router", async () => {
  const admin = express();
  admin.use("/areas/:area", Router().get("/in/:id", ok));
  const other = express();
  other.get("/x/:y", ok);
  const mount = (app: Express) => app.use("/admin/:tenant", admin).use(Router().use("/other/:o", other));
  expect(await templates(mount, "/admin/t/areas/1/in/2", "/other/3/x/4")).toEqual([
    "/admin/:tenant/areas/:area/in/:id",
    "/other/:o/x/:y",
  ]);
});

test("lists of paths, regular expressions, and a slash that the declaration spells", async () => {
  const mount = (app: Express) => {
    app.get(["/a", "/b/:x"], ok).get(/^\/re(.*)$/, ok);
    app.use("/items/:id", Router().get("/", ok));
  };
  expect(await templates(mount, "/a", "/b/7", "/rexyz", "/items/7/")).toEqual([
    ...["/a", "/b/:x", "/^\\/re(.*)$/", "/items/:id"],
  ]);
});

test("an error that a mounted router raises and the application answers", async () => {
  const failing = Router().get("/boom", () => {
    throw Object.assign(new Error("teapot"), { status: 418 });
  });
  expect(await templates((app) => app.use("/orgs/:org", failing), "/orgs/acme/boom")).toEqual([
    "/orgs/:org/boom",
  ]);
});

test("what cannot be known is the declared route or unmatched, never the concrete path", async () => {
  const hidden = Router().get("/users/:user", ok);
  const byHand = Router().get("/secret", ok);
  const mount = (app: Express) => {
    app.use("/orgs/:org", (req, res, next) => hidden(req, res, next));
    app.use("/hand/:x", (req, res, next) => byHand(req, res, next));
    app.use("/static/:file", ok);
  };
  const paths = ["/orgs/acme/users/5", "/hand/acme/secret", "/hand/acme/secret", "/static/acme"];
  expect(await templates(mount, ...paths)).toEqual([
    ...["/orgs/:org/users/:user", "_unmatched", "_unmatched", "_unmatched"],
  ]);
});

test("a router that does not tell its patterns (before router 2.3)", async () => {
  const silent = Router().get("/users/:user", ok);
  const mount = (app: Express) => {
    app.use("/orgs/:org", silent).use("/teams/:team", silent);
    const strip = ({ stack }: { stack: object[] }) => {
      for (const layer of stack)
        Object.assign(layer, { rawPath: undefined, match: older(layer as OldLayer) });
    };
    strip(app.router as never);
    strip(silent as never);
  };
  expect(await templates(mount, "/orgs/a/users/1", "/teams/b/users/2")).toEqual([
    "/orgs/:org/users/:user",
    "_unmatched",
  ]);
});

interface OldLayer {
  match(path: string): false | { pattern?: unknown };
}

function older(layer: OldLayer): OldLayer["match"] {
  const match = layer.match.bind(layer);
  return (path) => {
    const found = match(path);
    return found === false ? found : { ...found, pattern: undefined };
  };
}

test("a second observer says so and counts nothing", async () => {
  const lines: Record<string, unknown>[] = [];
  const log = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const found = await templates((app) => {
    app.use(observe(service, { log, environment: {} }));
    app.get("/hello", ok);
  }, "/hello");
  expect(found).toEqual(["/hello"]);
  expect(lines).toEqual([
    expect.objectContaining({ level: "warn", message: expect.stringContaining("twice") }),
  ]);
});
