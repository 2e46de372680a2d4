import { createServer, type Server } from "node:http";
import { observe } from "@seakeep/runtime/express";
import express, { type Express, type RequestHandler } from "express";
import promBundle from "express-prom-bundle";
import { pinoHttp } from "pino-http";
import { Floor } from "./floor.ts";
import { COURSES, course, NOT_FOUND } from "./mix.ts";
import { EDGES, service } from "./service.ts";
import { buffered } from "./tuned.ts";
import type { Variant } from "./variants.ts";

const byHand = (): RequestHandler => {
  const floor = new Floor();
  return (request, response, next) => {
    const began = performance.now();
    const id = floor.id();
    response.setHeader("X-Request-ID", id);
    response.once("finish", () => {
      const route = request.route === undefined ? "_unmatched" : request.baseUrl + request.route.path;
      floor.record(request.method, route, request.path, response.statusCode, id, performance.now() - began);
    });
    next();
  };
};
// Method and path labels, as its README's first example has them; everything else at its default.
const metrics = (): RequestHandler =>
  promBundle({ includeMethod: true, includePath: true, buckets: [...EDGES] });

const SETUP: Record<Variant, (app: Express) => void> = {
  bare: () => {},
  control: () => {},
  floor: (app) => app.use(byHand()),
  quiet: (app) => app.use(observe(service, { log: false })),
  seakeep: (app) => app.use(observe(service)),
  metrics: (app) => app.use(metrics()),
  logger: (app) => app.use(pinoHttp()),
  both: (app) => app.use(metrics(), pinoHttp()),
  tuned: (app) => app.use(metrics(), pinoHttp({}, buffered())),
};

export function start(variant: Variant): Server {
  const app = express();
  SETUP[variant](app);
  app.get("/courses", (_request, response) => void response.json(COURSES));
  app.get("/courses/:id", (request, response) => void response.json(course(request.params.id)));
  app.use((_request, response) => void response.status(404).json(NOT_FOUND));
  return createServer(app);
}
