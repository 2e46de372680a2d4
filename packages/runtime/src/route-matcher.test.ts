import { defineService, errors, latency } from "@seakeep/contract";
import { expect, test } from "vitest";
import { declaredRoutes, routeMatcher } from "./route-matcher.ts";

const match = routeMatcher([
  { method: "GET", template: "/" },
  { method: "GET", template: "/courses/" },
  { method: "GET", template: "/courses/:id" },
  { method: "GET", template: "/courses/new" },
  { method: "DELETE", template: "/courses/:id" },
  { method: "GET", template: "/courses/:id/files/*" },
  { template: "/any" },
  { method: "GET", template: "/static/*" },
]);

test.each([
  ["GET", "/", "/"],
  ["GET", "/courses", "/courses/"],
  ["GET", "/courses/7", "/courses/:id"],
  ["GET", "/courses/7/", "/courses/:id"],
  ["GET", "/courses/new", "/courses/new"],
  ["DELETE", "/courses/new", "/courses/:id"],
  ["HEAD", "/courses/7", "/courses/:id"],
  ["PATCH", "/courses/7", undefined],
  ["GET", "/courses/7/files/a/b/c", "/courses/:id/files/*"],
  ["GET", "/courses//files/a", undefined],
  ["PUT", "/any", "/any"],
  ["GET", "/static", "/static/*"],
  ["GET", `/static${"/a".repeat(5000)}`, "/static/*"],
  ["GET", "/nowhere", undefined],
  ["GET", "*", undefined],
  ["GET", "//", "/"],
  ["GET", "/__proto__/constructor", undefined],
])("%s %s falls under %s", (method, path, template) => {
  expect(match(method, path)).toBe(template);
});

test("routes of SLOs are declared routes", () => {
  const service = defineService({
    ...{ name: "x", owner: "y" },
    slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "1s", routes: ["POST /upload/"] })],
  });
  expect(declaredRoutes(service)).toEqual([{ method: "POST", template: "/upload/" }]);
});
