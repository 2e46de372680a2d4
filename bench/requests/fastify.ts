import type { Server } from "node:http";
import { observe } from "@seakeep/runtime/fastify";
import fastify, { type FastifyInstance } from "fastify";
import fastifyMetrics from "fastify-metrics";
import type { DestinationStream } from "pino";
import { Floor } from "./floor.ts";
import { COURSES, course, NOT_FOUND } from "./mix.ts";
import { EDGES, service } from "./service.ts";
import { buffered } from "./tuned.ts";
import type { Variant } from "./variants.ts";

function byHand(app: FastifyInstance): void {
  const floor = new Floor();
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("x-request-id", floor.id());
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "_unmatched";
    const id = reply.getHeader("x-request-id") as string;
    floor.record(request.method, route, request.url, reply.statusCode, id, reply.elapsedTime);
    done();
  });
}

/** As its README has it: a histogram and a summary for each route, and the process metrics. */
async function metrics(app: FastifyInstance, enabled: boolean | { summary: false } = true): Promise<void> {
  const histogram = { buckets: [...EDGES] };
  await app.register(fastifyMetrics.default, { routeMetrics: { enabled, overrides: { histogram } } });
}

const nothing = () => {};

const SETUP: Record<Variant, (app: FastifyInstance) => Promise<void> | void> = {
  bare: nothing,
  control: nothing,
  floor: byHand,
  quiet: async (app) => void (await app.register(observe(service, { log: false }))),
  seakeep: async (app) => void (await app.register(observe(service))),
  metrics: (app) => metrics(app),
  logger: nothing,
  both: (app) => metrics(app),
  // Most users need no summary beside the histogram.
  tuned: (app) => metrics(app, { summary: false }),
};

function loggerOf(variant: Variant): boolean | { stream: DestinationStream } {
  if (variant === "tuned") return { stream: buffered() };
  return variant === "logger" || variant === "both";
}

export async function start(variant: Variant): Promise<Server> {
  const app = fastify({ logger: loggerOf(variant) });
  await SETUP[variant](app);
  app.get("/courses", () => COURSES);
  app.get<{ Params: { id: string } }>("/courses/:id", (request) => course(request.params.id));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(NOT_FOUND));
  await app.ready();
  return app.server;
}
