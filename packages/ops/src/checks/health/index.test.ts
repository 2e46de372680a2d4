import { SeakeepError } from "@seakeep/contract";
import { describe, expect, test } from "vitest";
import { conforms } from "../../../test/conformance.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { type Handler, nobody, reply, serve, serveRaw } from "../../../test/server.ts";
import { health } from "./index.ts";

const HTML = { "content-type": "text/html" };

conforms(() => health());

describe("passes", () => {
  const good: [string, Handler][] = [
    ["Seakeep's own report", reply(200, { status: "up", checks: { database: "up" } })],
    ["the draft's report", reply(200, { status: "pass", checks: { db: [{ status: "pass" }] } })],
    ["Spring Boot's", reply(200, { status: "UP", components: { db: { status: "UP" } } })],
    ["a word", reply(200, "ok\n")],
    ["an empty body", reply(200, "")],
    ["JSON about something else", reply(200, { logLevel: "error", uptime: 12 })],
  ];
  test.each(good)("%s", async (_what, handler) => {
    expect((await runCheck(health(), await serve(handler))).verdict).toBe("passed");
  });

  test("a warning, and says so", async () => {
    const result = await runCheck(health(), await serve(reply(200, { status: "warn" })));
    expect([result.verdict, ...result.notes]).toEqual([
      "passed",
      'It reports "warn": it serves, with a warning.',
    ]);
  });
});

describe("fails", () => {
  const bad: [string, Handler, RegExp][] = [
    [
      "503, naming the part",
      reply(503, { status: "down", checks: { database: "down" } }),
      /503.*checks\.database is "down"/,
    ],
    ["404", reply(404, { title: "no" }), /answered 404 with application\/json, not 200/],
    ["204", reply(204, ""), /answered 204/],
    ["500", reply(500, "oops"), /answered 500/],
    ["a lie at the top", reply(200, { status: "fail" }), /answered 200 and says inside: status is "fail"/],
    [
      "a lie below a good top",
      reply(200, { status: "ok", checks: { db: { status: "error" } } }),
      /checks\.db\.status is "error"/,
    ],
    ["a lie as a flag", reply(200, { ok: false }), /ok is "false"/],
    ["a lie as a code", reply(200, { status: 503 }), /status is "503"/],
    ["a lie in plain text", reply(200, "DOWN"), /says inside: "DOWN"/],
    ["a lie of the wrong type", reply(200, '{"status":"fail"}'), /status is "fail"/],
    ["a login page", reply(200, "<!doctype html><form>", HTML), /a web page/],
    ["a web page in disguise", reply(200, "  <html><body>hello"), /a web page/],
    ["a redirect to a login", reply(302, "", { location: "/login" }), /302 to "\/login", a redirect/],
    [
      "JSON that is cut",
      reply(200, '{"status":"up"', { "content-type": "application/json" }),
      /not the JSON/,
    ],
    ["bytes", reply(200, Buffer.from([0xff, 0xfe])), /not UTF-8/],
  ];
  test.each(bad)("%s", async (_what, handler, expected) => {
    const result = await runCheck(health(), await serve(handler));
    expect(result.verdict).toBe("failed");
    expect(complaints(result)).toMatch(expected);
    expect(result.fix).toMatch(/\.$/);
  });

  test("a body that breaks off", async () => {
    const url = await serveRaw((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"));
    expect((await runCheck(health(), url)).verdict).toBe("failed");
  });

  test("escape sequences in what it repeats are spelled out", async () => {
    const result = await runCheck(health(), await serve(reply(200, { "\u001b[2J": "down" })));
    expect(complaints(result)).toContain("\\u{1b}[2J is");
  });
});

describe("cannot tell", () => {
  test.each([
    ["an unheard-of status", reply(200, { status: "purple" }), /calls its status "purple"/],
    ["an answer from a cache", reply(200, { status: "up" }, { age: "3600" }), /by a cache, from 3600 s ago/],
    ["being rate-limited", reply(429, "later"), /rate-limited/],
  ])("%s", async (_what, handler, expected) => {
    const result = await runCheck(health(), await serve(handler));
    expect(result.verdict).toBe("unknown");
    expect(complaints(result)).toMatch(expected);
  });

  test("a service that is not there", async () => {
    expect((await runCheck(health(), await nobody())).verdict).toBe("unknown");
  });

  test("a service that does not answer in time", async () => {
    const result = await runCheck(health(), await serve(() => {}), { timeoutMs: 200 });
    expect(result.verdict).toBe("unknown");
    expect(result.reason).toMatch(/did not answer within 200ms/);
  });
});

test("a report without end or bottom does not hold it up", async () => {
  const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
  const wide = JSON.stringify({ checks: Array.from({ length: 50_000 }, () => ({ status: "up" })) });
  for (const body of [deep, wide]) {
    const url = await serve(reply(200, body, { "content-type": "application/json" }));
    expect((await runCheck(health(), url)).verdict).toBe("passed");
  }
});

test("a path of one's own, and one that is none", async () => {
  const url = await serve((request, response) => response.end(request.url === "/readyz" ? "ok" : "down"));
  const check = health("/readyz", { name: "ready" });
  expect([check.name, check.kind, (await runCheck(check, url)).verdict]).toEqual([
    "ready",
    "health",
    "passed",
  ]);
  for (const path of ["healthz", "https://elsewhere.example/", "/a b", "/a#b"]) {
    expect(() => health(path)).toThrow(SeakeepError);
  }
});
