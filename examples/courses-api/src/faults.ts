/**
 * Rehearsals only: breaks the service on purpose, so that an alert can be seen to fire before the day it is needed.
 *
 * Off unless FAULTS=1. Its one route answers this machine alone, never through a proxy, and is in no document.
 *
 *     curl -X POST localhost:3000/__faults/ -H 'content-type: application/json' -d '{"errors": 0.5}'
 */

import { setTimeout as delay } from "node:timers/promises";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyInstance, onRequestAsyncHookHandler } from "fastify";
import Type, { type Static } from "typebox";
import type { Deps } from "./deps.ts";
import { notFound } from "./problem.ts";

const FAULTS_PATH = "/__faults/";

const Faults = Type.Object(
  {
    /** The share of requests to fail with a 500. */
    errors: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** How long each request waits. */
    slowMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
    /** How long each request holds up the whole process. */
    blockMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    /** Ends the process at once, as a crash would. */
    exit: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
type Faults = Static<typeof Faults>;

/** Adds the route to `app` and returns the hook that breaks. A new post replaces the faults before; `{}` heals. */
export async function addFaults(app: FastifyInstance, { exit }: Deps): Promise<onRequestAsyncHookHandler> {
  let faults: Faults = {};
  let owed = 0;

  const route: FastifyPluginAsyncTypebox = async (scope) => {
    scope.addHook("onRequest", async ({ raw, headers }) => {
      const local = /^(127\.|::1$|::ffff:127\.)/.test(raw.socket.remoteAddress ?? "");
      if (!local || headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) notFound();
    });
    scope.post(FAULTS_PATH, { schema: { hide: true, body: Faults } }, async ({ body }) => {
      faults = body;
      owed = 0;
      if (body.exit) setImmediate(exit, 1);
      return body;
    });
  };
  await app.register(route);
  return async () => {
    const { errors = 0, slowMs = 0, blockMs = 0 } = faults;
    if (blockMs > 0) block(blockMs);
    if (slowMs > 0) await delay(slowMs);
    // Every n-th request rather than a random one: a rehearsal goes the same way each time.
    owed += errors;
    if (owed < 1) return;
    owed -= 1;
    throw new Error("A fault was asked for.");
  };
}

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
