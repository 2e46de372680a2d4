import { createServer, type Server } from "node:http";
import { observe } from "@seakeep/runtime/express";
import express, { type RequestHandler } from "express";
import promBundle from "express-prom-bundle";
import { NOT_FOUND } from "../requests/mix.ts";
import { service } from "../requests/service.ts";

const MIDDLEWARE: Readonly<Record<string, () => RequestHandler>> = {
  Seakeep: () => observe(service, { log: false }),
  // Method and path labels, as in its README; buckets and path normalisation at their defaults.
  "express-prom-bundle": () => promBundle({ includeMethod: true, includePath: true }),
};

/** A server on which nothing but /metrics is to be found. */
export function start(variant: string): Server {
  const app = express();
  app.use(MIDDLEWARE[variant]!());
  app.use((_request, response) => void response.status(404).json(NOT_FOUND));
  return createServer(app);
}
