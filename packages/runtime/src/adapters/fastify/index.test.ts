import { Readable } from "node:stream";
import fastify, { type FastifyInstance } from "fastify";
import { BIG, broken, conformance, service, slowly } from "../conformance.testkit.ts";
import { observe } from "./index.ts";

async function routes(app: FastifyInstance): Promise<void> {
  app.addContentTypeParser("text/plain", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.get("/hello", async () => "hello");
  app.get<{ Params: { id: string } }>("/items/:id", async ({ params }) => ({ id: params.id }));
  app.post("/items/:id", async ({ body }) => String((body as string).length));
  await app.register(async (orgs) => void orgs.get("/users/:user", async () => "user"), {
    prefix: "/orgs/:org",
  });
  app.get("/stream", (_request, reply) => reply.send(Readable.from(slowly())));
  app.get("/broken", (_request, reply) => reply.send(broken()));
  app.get("/hang", () => {});
  app.get("/late", async () => new Promise((resolve) => setTimeout(() => resolve("late"), 50)));
  app.get("/big", (_request, reply) => reply.send(BIG));
  app.get<{ Params: { code: string } }>("/status/:code", (request, reply) => {
    return reply.code(Number(request.params.code)).send();
  });
  app.get("/auth/login", (_request, reply) => reply.code(400).send());
  app.get("/array", (_request, reply) => {
    reply.hijack();
    const id = reply.getHeader("x-request-id");
    reply.raw.writeHead(200, ["x-array", "yes", "content-length", "0", "x-request-id", String(id)]).end();
  });
  app.get("/throw", () => {
    throw new Error("thrown");
  });
  app.get("/reject", async () => {
    throw new Error("rejected");
  });
}

conformance("fastify", {
  answersErrors: true,
  seesParserErrors: true,
  async start(options, http) {
    const observed = observe(service, options);
    const app = fastify({ http, routerOptions: { maxParamLength: 100_000 }, bodyLimit: 1_000_000 });
    await app.register(observed);
    await routes(app);
    await app.listen({ host: "127.0.0.1", port: 0 });
    const stop = async () => {
      app.server.closeAllConnections();
      await app.close();
    };
    return {
      ...{ server: app.server, stop, drain: observed.drain, close: observed.close },
      get inFlight() {
        return observed.inFlight;
      },
    };
  },
});
