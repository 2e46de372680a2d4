import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sensitivePaths } from "./classify.ts";
import { auditEvent } from "./record.ts";
import { redactPath } from "./redact.ts";

/** Any UTF-16, lone surrogates included. */
const anyText = (longest: number) =>
  fc.array(fc.nat(0xffff), { maxLength: longest }).map((codes) => String.fromCharCode(...codes));

describe("sensitive paths", () => {
  const isSensitive = sensitivePaths(["/api/v1/auth/", "/Admin"]);

  test.each([
    ...["/api/v1/auth/login/", "/api/v1/auth", "/API/V1/Auth/x", "//api///v1/auth/x", "/api/./v1/auth/x"],
    ...["/api/x/../v1/auth/x", "/api/v1/%61uth/x", "/api/v1/%2561uth/x", "/api%2fv1%2fauth%2fx"],
    ...["/api\\v1\\auth\\x", "/%2e%2e/api/v1/auth/%zz", "/admin", "/administrator", "/../../admin/x"],
  ])("%s", (path) => {
    expect(isSensitive(path)).toBe(true);
  });

  test.each(["/", "/api/v1/", "/api/v1/authors/x", "/api/v1/auth/../courses", "/x/admin", "*", "%"])(
    "not %s",
    (path) => {
      expect(isSensitive(path)).toBe(false);
    },
  );

  test("never throws, and without prefixes nothing is", () => {
    fc.assert(fc.property(anyText(100), (path) => typeof isSensitive(path) === "boolean"));
    expect(sensitivePaths([])("/admin")).toBe(false);
  });
});

describe("paths", () => {
  test.each([
    ["/reset/eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeK", "/reset/[redacted]"],
    ["/reset/9f86d081884c7d659a2feaa0c55ad015/confirm", "/reset/[redacted]/confirm"],
    ["/invite/aB3dE5fG7hI9jK1lM2nO4", "/invite/[redacted]"],
    ["/courses/550e8400-e29b-41d4-a716-446655440000", "/courses/550e8400-e29b-41d4-a716-446655440000"],
    ["/blog/advanced-typescript-patterns-2026", "/blog/advanced-typescript-patterns-2026"],
    ["/files/12345678901234567890123", "/files/12345678901234567890123"],
    ["/a/b", "/a/b"],
  ])("%s is logged as %s", (path, logged) => {
    expect(redactPath(path)).toBe(logged);
  });
});

test("a record has ECS names, only what is known, and nothing raw", () => {
  const known = {
    ...{ time: "2026-01-01T00:00:00.000Z", service: "courses-api", requestId: "r-1", method: "POST" },
    ...{ status: 401, path: "/auth/\u001b[31m" },
  };
  expect(auditEvent("authn_login_fail", { ...known, ip: undefined, user: undefined })).toEqual({
    "@timestamp": "2026-01-01T00:00:00.000Z",
    "log.level": "warn",
    "event.kind": "event",
    "event.category": ["authentication", "web"],
    "event.action": "authn_login_fail",
    "event.outcome": "failure",
    "service.name": "courses-api",
    "http.request.id": "r-1",
    "http.request.method": "POST",
    "http.response.status_code": 401,
    "url.path": "/auth/\\u001b[31m",
  });
  expect(auditEvent("authz_fail", { ...known, ip: "192.0.2.1", user: "u\n1" })).toMatchObject({
    ...{ "event.category": ["web"], "source.ip": "192.0.2.1", "user.id": "u\\u000a1" },
  });
});
