import { errors, jwtVerify, SignJWT } from "jose";

export type Role = "student" | "instructor" | "admin";

/** Who is calling. */
export interface User {
  readonly id: string;
  readonly role: Role;
}

/** Seconds an access token is good for: short, because nothing can call it back. */
export const ACCESS_TOKEN_SECONDS = 900;

const NAME = "courses-api";

export interface AccessTokens {
  issue(user: User): Promise<string>;
  /** The user, or undefined for a token that is forged, expired or not ours. */
  verify(token: string): Promise<User | undefined>;
}

/** Signed JSON Web Tokens, HS256; the algorithm is fixed here, whatever a token claims about itself. */
export function accessTokens(secret: string): AccessTokens {
  const key = new TextEncoder().encode(secret);
  const expected = {
    algorithms: ["HS256"],
    issuer: NAME,
    audience: NAME,
    requiredClaims: ["sub", "exp", "role"],
  };
  return {
    issue: ({ id, role }) =>
      new SignJWT({ role })
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(id)
        .setIssuer(NAME)
        .setAudience(NAME)
        .setIssuedAt()
        .setExpirationTime(`${ACCESS_TOKEN_SECONDS}s`)
        .sign(key),
    async verify(token) {
      try {
        const { payload } = await jwtVerify<{ role: Role }>(token, key, expected);
        return { id: payload.sub ?? "", role: payload.role };
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}
