import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Config } from "./config.ts";

/** For a route's schema: it needs an access token. */
export const bearer = [{ bearer: [] }];

/** Describes every route registered after it, at /api/schema/. */
export async function describeApi(app: FastifyInstance, { release }: Config): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Courses API",
        version: release,
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/" }],
      tags: [{ name: "auth" }, { name: "courses" }, { name: "uploads" }, { name: "meta" }],
      components: {
        securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      },
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema.$id ?? `schema-${index}`),
    },
  });
  const schema = {
    summary: "This document",
    operationId: "schema",
    tags: ["meta"],
    response: { 200: Type.Object({}, { description: "OpenAPI 3.1.", additionalProperties: true }) },
  };
  app.get("/api/schema/", { schema }, () => app.swagger());
}
