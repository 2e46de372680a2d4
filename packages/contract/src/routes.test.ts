import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  contains,
  formatRoute,
  METHODS,
  mayBegin,
  nearestRoute,
  overlaps,
  parseRoute,
  type Route,
} from "./routes.ts";

const route = (text: string): Route => parseRoute(text)!;

describe("parseRoute", () => {
  test.each([
    ["GET /courses/:id", { method: "GET", template: "/courses/:id" }],
    ["/healthz", { template: "/healthz" }],
    ["PATCH /files/*", { method: "PATCH", template: "/files/*" }],
    ["GET /posts/:id?", { method: "GET", template: "/posts/:id?" }],
    ["GET /posts/:id?/edit", { method: "GET", template: "/posts/:id?/edit" }],
    ["GET /курсы/:id", { method: "GET", template: "/курсы/:id" }],
    ['GET /a"b\\c{d}|e', { method: "GET", template: '/a"b\\c{d}|e' }],
  ])("reads %s", (text, expected) => {
    expect(parseRoute(text)).toEqual(expected);
  });

  test.each([
    "",
    "GET",
    "GET ",
    "courses",
    "get /courses",
    "FETCH /courses",
    "GET  /courses",
    "GET /a b",
    "GET /a\n",
    "GET /a\u0000",
    "GET /a\u202e",
    "GET /search?q=1",
    "GET /search?",
    "GET /a#b",
    " GET /a",
    `/${"a".repeat(1000)}`,
  ])("refuses %j", (text) => {
    expect(parseRoute(text)).toBeUndefined();
  });

  it("is undone by formatRoute", () => {
    const path = fc.string({ unit: fc.constantFrom(..."/:?*abé1(){}|. #") });
    const text = fc
      .tuple(fc.constantFrom("", ...METHODS.map((method) => `${method} `)), path)
      .map(([method, rest]) => `${method}/${rest}`);
    fc.assert(
      fc.property(text, (written) => {
        const read = parseRoute(written);
        if (read !== undefined) expect(formatRoute(read)).toBe(written);
      }),
    );
  });
});

describe("overlaps and contains", () => {
  test.each([
    ["GET /a", "GET /a", true, true],
    ["/a", "GET /a", true, true],
    ["GET /a", "/a", true, false],
    ["/a", "/a", true, true],
    ["GET /a", "POST /a", false, false],
    ["/a", "/b", false, false],
  ])("%s and %s", (one, other, overlapping, containing) => {
    expect(overlaps(route(one), route(other))).toBe(overlapping);
    expect(contains(route(one), route(other))).toBe(containing);
  });
});

describe("nearestRoute", () => {
  const declared = ["POST /upload/", "GET /courses/", "/healthz"].map(route);

  test.each([
    ["GET /upload/", "POST /upload/"],
    ["GET /curses/", "GET /courses/"],
    ["/helthz", "/healthz"],
    ["GET /something-else-altogether", undefined],
  ])("takes %s for %s", (text, meant) => {
    expect(nearestRoute(route(text), declared)).toBe(meant);
  });
});

describe("mayBegin", () => {
  test.each([
    ["/api/v1/auth/login/", "/api/v1/auth/", true],
    ["/api/v1/auth/login/", "/api/v1/au", true],
    ["/api/v1/auth/login/", "/", true],
    ["/api/:version/auth/", "/api/v1/auth/", true],
    ["/users/:id", "/users/42", true],
    ["/files/*", "/files/private/keys", true],
    ["/login", "/login/", false],
    ["/api/v1/auth/", "/api/v2/", false],
    ["/api/v1/auth/", "/api/v1/auth/login/", false],
    ["/api/v1/uploads/", "/api/v1/upload/", false],
  ])("a path of %s may begin with %s: %s", (template, prefix, expected) => {
    expect(mayBegin(template, prefix)).toBe(expected);
  });
});
