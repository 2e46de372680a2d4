import type { FastifyRequest, preParsingAsyncHookHandler } from "fastify";
import { Problem } from "../problem.ts";
import type { AccessTokens, Role, User } from "./access-tokens.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is calling; undefined for a caller without a token. */
    user: User | undefined;
  }
}

// Guards run at preParsing: after the rate limit, before a byte of the body is read.

/** Reads the bearer token, if there is one; a bad one is refused even where none is needed. */
export function identify(tokens: AccessTokens): preParsingAsyncHookHandler {
  return async (request) => {
    const { authorization } = request.headers;
    if (authorization === undefined) return;
    const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
    request.user = token === undefined ? undefined : await tokens.verify(token);
    if (!request.user) throw unauthorized("The access token is not valid or has expired.", "invalid_token");
  };
}

/** Lets only these roles in: 401 when the caller is unknown, 403 when known and not allowed. */
export function allow(...roles: Role[]): preParsingAsyncHookHandler {
  return async (request) => {
    const { role } = caller(request);
    if (!roles.includes(role)) throw new Problem(403, `This needs the role ${roles.join(" or ")}.`);
  };
}

/** The caller, who must be known by now. */
export function caller(request: FastifyRequest): User {
  if (!request.user) throw unauthorized("Log in and send the access token as a bearer token.");
  return request.user;
}

/** A 401 with the challenge it must carry (RFC 6750, section 3). */
export function unauthorized(detail: string, error?: string): Problem {
  const challenge = `Bearer realm="courses-api"${error ? `, error="${error}"` : ""}`;
  return new Problem(401, detail, { "www-authenticate": challenge });
}
