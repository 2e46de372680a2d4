import rateLimit from "@fastify/rate-limit";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { observe } from "@seakeep/runtime/fastify";
import fastify, { type FastifyInstance } from "fastify";
import { accessTokens } from "./auth/access-tokens.ts";
import { identify } from "./auth/guard.ts";
import { authRoutes, Tokens } from "./auth/routes.ts";
import type { Config } from "./config.ts";
import { Course } from "./courses/course.ts";
import { courseRoutes } from "./courses/routes.ts";
import { ping } from "./database.ts";
import type { Deps } from "./deps.ts";
import { addFaults } from "./faults.ts";
import { watchMethods } from "./methods.ts";
import { describeApi } from "./openapi.ts";
import { notFound, ProblemSchema, sendClientError, sendProblem } from "./problem.ts";
import { service } from "./service.ts";
import { closeGently } from "./shutdown.ts";
import { uploadRoutes } from "./uploads/routes.ts";

/** The whole service, not yet listening. */
export async function buildApp(config: Config, deps: Deps): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: 64 * 1024,
    requestTimeout: 120_000,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    return503OnClosing: false, // what is already under way is answered
    clientErrorHandler: sendClientError,
    frameworkErrors: sendProblem,
  }).withTypeProvider<TypeBoxTypeProvider>();

  // First, so that nothing that happens goes unseen.
  await app.register(
    observe(service, {
      trust: config.trustedProxies,
      health: { database: () => ping(deps.database) },
      user: (request) => request.user?.id,
      log: config.accessLog ? undefined : false, // JSON lines on standard output
    }),
  );

  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Here and not in the plugins that use them: a plugin that adds a schema loses the app's validator compiler.
  for (const schema of [ProblemSchema, Course, Tokens]) app.addSchema(schema);

  app.setErrorHandler((error, request, reply) => {
    sendProblem(error, request, reply);
    if (reply.statusCode >= 500) deps.log.error({ request_id: request.id, error }, "request failed");
  });
  app.decorateRequest("user", undefined);
  closeGently(app, config.drainMs);

  const methodsAt = watchMethods(app);
  await describeApi(app, config);
  const breakOnPurpose = config.faults ? await addFaults(app, deps) : undefined;
  // Counts requests to the routes that follow, and to none of those above.
  await app.register(rateLimit, { max: config.rateLimit, timeWindow: "1 minute" });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, ({ url }) => notFound(methodsAt(url)));

  const tokens = accessTokens(config.jwtSecret);
  await app.register(
    async (api) => {
      if (breakOnPurpose) api.addHook("onRequest", breakOnPurpose);
      api.addHook("preParsing", identify(tokens));
      await api.register(authRoutes, { config, deps, tokens });
      await api.register(courseRoutes, deps);
      await api.register(uploadRoutes, config);
    },
    { prefix: "/api/v1" },
  );
  return app;
}
