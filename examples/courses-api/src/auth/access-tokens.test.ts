import { SignJWT } from "jose";
import { afterEach, expect, test, vi } from "vitest";
import { ACCESS_TOKEN_SECONDS, accessTokens } from "./access-tokens.ts";

const SECRET = "a secret for the tests, long enough";
const tokens = accessTokens(SECRET);
const user = { id: "7d444840-9dc0-11d1-b245-5ffdce74fad2", role: "instructor" as const };

afterEach(() => {
  vi.useRealTimers();
});

test("a token names its user until it expires", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 0 });
  const token = await tokens.issue(user);
  vi.setSystemTime((ACCESS_TOKEN_SECONDS - 1) * 1000);
  expect(await tokens.verify(token)).toEqual(user);
  vi.setSystemTime(ACCESS_TOKEN_SECONDS * 1000);
  expect(await tokens.verify(token)).toBeUndefined();
});

test("what we did not sign is refused", async () => {
  const token = await tokens.issue(user);
  const [header, payload, signature] = token.split(".");
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  const others = await accessTokens(SECRET.toUpperCase()).issue(user);
  const forged = Buffer.from(JSON.stringify({ sub: user.id, role: "admin" })).toString("base64url");
  const bad = ["", "x", "a.b.c", others, `${none}.${payload}.`, `${header}.${forged}.${signature}`];
  for (const each of bad) expect(await tokens.verify(each), each).toBeUndefined();
});

test("a token for another service, or one that never expires, is refused", async () => {
  const key = new TextEncoder().encode(SECRET);
  const sign = (audience: string, expires: boolean) => {
    const jwt = new SignJWT({ role: "admin" }).setProtectedHeader({ alg: "HS256" });
    jwt.setSubject(user.id).setIssuer("courses-api").setAudience(audience);
    return (expires ? jwt.setExpirationTime("1h") : jwt).sign(key);
  };
  expect(await tokens.verify(await sign("courses-api", true))).toMatchObject({ role: "admin" });
  expect(await tokens.verify(await sign("another", true))).toBeUndefined();
  expect(await tokens.verify(await sign("courses-api", false))).toBeUndefined();
});
