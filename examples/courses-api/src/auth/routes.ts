import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type, { type Static } from "typebox";
import { background } from "../background.ts";
import type { Config } from "../config.ts";
import type { Deps } from "../deps.ts";
import { Problem, problems } from "../problem.ts";
import { Line } from "../schema.ts";
import { ACCESS_TOKEN_SECONDS, type AccessTokens, type User } from "./access-tokens.ts";
import { unauthorized } from "./guard.ts";
import { confirmReset, requestReset } from "./password-reset.ts";
import { verifyPassword } from "./passwords.ts";
import { rotate, startSession } from "./sessions.ts";
import { findByEmail, findById } from "./users.ts";

// The names of RFC 6749, section 5.1.
export const Tokens = Type.Object(
  {
    access_token: Type.String(),
    token_type: Type.Literal("Bearer"),
    expires_in: Type.Integer({ description: "Seconds until the access token expires." }),
    refresh_token: Type.String({ description: "Good for one use." }),
  },
  { $id: "Tokens" },
);

const TokensRef = Type.Unsafe<Static<typeof Tokens>>(Type.Ref("Tokens#", { description: "Logged in." }));
const Email = Type.String({ format: "email", maxLength: 254 });
const NewPassword = Type.String({ minLength: 12, maxLength: 200 });
const strict = { additionalProperties: false };

export interface AuthOptions {
  readonly config: Config;
  readonly deps: Deps;
  readonly tokens: AccessTokens;
}

export const authRoutes: FastifyPluginAsyncTypebox<AuthOptions> = async (app, { config, deps, tokens }) => {
  const { database, mail, log } = deps;
  const rateLimit = { max: config.loginRateLimit, timeWindow: "1 minute" };
  const later = background(app, log);

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  const grant = async (user: User, refreshToken: string) => ({
    access_token: await tokens.issue(user),
    token_type: "Bearer" as const,
    expires_in: ACCESS_TOKEN_SECONDS,
    refresh_token: refreshToken,
  });

  app.post(
    "/auth/login/",
    {
      config: { rateLimit },
      schema: {
        summary: "Log in",
        operationId: "login",
        tags: ["auth"],
        body: Type.Object({ email: Email, password: Type.String({ maxLength: 200 }) }, strict),
        response: { 200: TokensRef, ...problems(400, 401, 415, 429) },
      },
    },
    async ({ body }) => {
      const user = await findByEmail(database, body.email);
      const right = await verifyPassword(body.password, user?.password_hash);
      if (!user || !right) throw unauthorized("The address or the password is wrong.");
      return grant(user, await startSession(database, user.id));
    },
  );

  app.post(
    "/token/refresh/",
    {
      schema: {
        summary: "Trade a refresh token for new tokens",
        operationId: "refresh",
        tags: ["auth"],
        body: Type.Object({ refresh_token: Line(200) }, strict),
        response: { 200: TokensRef, ...problems(400, 401, 415, 429) },
      },
    },
    async ({ body }) => {
      const next = await rotate(database, body.refresh_token);
      const user = next && (await findById(database, next.userId));
      if (!user) throw unauthorized("The refresh token is not valid, has expired or was used before.");
      return grant(user, next.token);
    },
  );

  app.post(
    "/password/reset/",
    {
      config: { rateLimit },
      schema: {
        summary: "Ask for a new password",
        description: "The answer is the same whether or not there is such a user.",
        operationId: "requestPasswordReset",
        tags: ["auth"],
        body: Type.Object({ email: Email }, strict),
        response: {
          202: Type.Object({ detail: Type.String() }, { description: "Taken down." }),
          ...problems(400, 415, 429),
        },
      },
    },
    async ({ body }, reply) => {
      // After the answer: the time it takes must not tell whether the address is known.
      later(() => requestReset(database, mail, body.email));
      return reply.code(202).send({ detail: "If the address is known, a message is on its way." });
    },
  );

  app.post(
    "/password/reset/confirm/",
    {
      config: { rateLimit },
      schema: {
        summary: "Set a new password",
        operationId: "confirmPasswordReset",
        tags: ["auth"],
        body: Type.Object({ token: Line(200), password: NewPassword }, strict),
        response: {
          204: Type.Null({ description: "Done; every session of the user has ended." }),
          ...problems(400, 415, 429),
        },
      },
    },
    async ({ body }, reply) => {
      const done = await confirmReset(database, body.token, body.password);
      if (!done) throw new Problem(400, "The token is not valid, has expired or was used before.");
      return reply.code(204).send(null);
    },
  );
};
