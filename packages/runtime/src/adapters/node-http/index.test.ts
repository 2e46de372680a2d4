import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline, Readable } from "node:stream";
import { BIG, broken, conformance, service, slowly } from "../conformance.testkit.ts";
import { observe } from "./index.ts";

async function listener(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? "/", "http://x");
  const [, first, second] = url.pathname.split("/");
  const key = `${req.method === "HEAD" ? "GET" : req.method} /${first}`;
  if (key === "GET /hello") res.end("hello");
  else if (key === "GET /items") res.end(JSON.stringify({ id: second }));
  else if (key === "GET /orgs") res.end("user");
  else if (key === "GET /stream") pipeline(Readable.from(slowly()), res, () => {});
  else if (key === "GET /broken") pipeline(broken(), res, () => {});
  else if (key === "GET /big") res.end(BIG);
  else if (key === "GET /late") setTimeout(() => res.end("late"), 50);
  else if (key === "GET /status") res.writeHead(Number(second)).end();
  else if (url.pathname === "/auth/login") res.writeHead(400).end();
  else if (key === "GET /array") res.writeHead(200, ["x-array", "yes", "content-length", "0"]).end();
  else if (key === "POST /items") {
    let length = 0;
    for await (const chunk of req) length += (chunk as Buffer).length;
    res.end(String(length));
  } else if (key !== "GET /hang") res.writeHead(404).end();
}

conformance("node-http", {
  answersErrors: false,
  seesParserErrors: false,
  async start(options, http) {
    const observed = observe(service, listener, options);
    const server = createServer(http, observed);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const stop = async () => {
      observed.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return {
      ...{ server, stop, drain: observed.drain, close: observed.close },
      get inFlight() {
        return observed.inFlight;
      },
    };
  },
});
