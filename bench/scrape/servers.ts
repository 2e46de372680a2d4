import { createServer, type RequestListener, type Server } from "node:http";
import { defineService, errors } from "@seakeep/contract";
import { observe } from "@seakeep/runtime/node-http";
import { Counter, Histogram, register } from "prom-client";
import { EDGES } from "../requests/service.ts";
import { routes } from "./grid.ts";

/** Answers `/route-7?status=503` with that status. */
const answer: RequestListener = (request, response) => {
  const status = Number(request.url?.split("=").at(-1));
  response.writeHead(status, { "Content-Length": 2 }).end("ok");
};

function seakeep(count: number): Server {
  const service = defineService({
    name: "bench",
    owner: "bench",
    slos: [errors({ objective: 99 })],
    routes: routes(count).map((path) => `GET ${path}`),
  });
  return createServer(observe(service, answer, { log: false }));
}

/** The same series from prom-client, served as its README has it. */
function promClient(): Server {
  const labelNames = ["method", "path_template", "status_code"] as const;
  const common = { help: "h", labelNames };
  const duration = new Histogram({ ...common, name: "http_request_duration_seconds", buckets: [...EDGES] });
  const requests = new Counter({ ...common, name: "http_requests_total" });
  const serverErrors = new Counter({ ...common, name: "http_server_errors_total" });
  return createServer(async (request, response) => {
    if (request.url === "/metrics") {
      response.setHeader("Content-Type", register.contentType);
      response.end(await register.metrics());
      return;
    }
    const stop = duration.startTimer();
    answer(request, response);
    const { method = "GET", url = "/" } = request;
    const labels = { method, path_template: url.split("?", 1)[0]!, status_code: response.statusCode };
    stop(labels);
    requests.inc(labels);
    if (response.statusCode >= 500) serverErrors.inc(labels);
  });
}

/** @param variant `<who> <number of routes>` */
export function start(variant: string): Server {
  const [who, count] = variant.split(" ");
  return who === "Seakeep" ? seakeep(Number(count)) : promClient();
}
