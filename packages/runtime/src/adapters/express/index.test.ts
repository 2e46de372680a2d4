import { createServer } from "node:http";
import { pipeline, Readable } from "node:stream";
import express, { type ErrorRequestHandler, type Express } from "express";
import { BIG, broken, conformance, service, slowly } from "../conformance.testkit.ts";
import { observe } from "./index.ts";

function routes(app: Express): void {
  app.get("/hello", (_req, res) => void res.send("hello"));
  app.get("/items/:id", (req, res) => void res.json({ id: req.params.id }));
  app.post("/items/:id", express.text({ type: () => true, limit: "1mb" }), (req, res) => {
    res.send(String((req.body as string).length));
  });
  const users = express.Router();
  users.get("/users/:user", (_req, res) => void res.send("user"));
  app.use("/orgs/:org", users);
  app.get("/stream", (_req, res) => void pipeline(Readable.from(slowly()), res, () => {}));
  app.get("/broken", (_req, res) => void pipeline(broken(), res, () => {}));
  app.get("/hang", () => {});
  app.get("/late", (_req, res) => void setTimeout(() => res.send("late"), 50));
  app.get("/big", (_req, res) => void res.end(BIG));
  app.get("/status/:code", (req, res) => void res.sendStatus(Number(req.params.code)));
  app.get("/auth/login", (_req, res) => void res.sendStatus(400));
  app.get("/array", (_req, res) => void res.writeHead(200, ["x-array", "yes", "content-length", "0"]).end());
  app.get("/throw", () => {
    throw new Error("thrown");
  });
  app.get("/reject", async () => {
    throw new Error("rejected");
  });
  const quiet: ErrorRequestHandler = (_error, _req, res, next) => {
    if (res.headersSent) next(_error);
    else res.sendStatus(500);
  };
  app.use(quiet);
}

conformance("express", {
  answersErrors: true,
  seesParserErrors: false,
  async start(options, http) {
    const observed = observe(service, options);
    const app = express();
    app.use(observed);
    routes(app);
    const server = createServer(http, app);
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
