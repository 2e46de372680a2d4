import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { conforms } from "../../../test/conformance.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { type Handler, reply, serve } from "../../../test/server.ts";
import { secret } from "../../config/values.ts";
import type { HttpExpectation } from "../exchange/expectation.ts";
import { http } from "./index.ts";

// A busy machine takes its time over a pattern that is given up by the CPU's.
vi.setConfig({ testTimeout: 30_000 });

const COURSES = { items: [{ id: 7, level: "beginner", tags: ["a", "b"] }], next: null };

async function expecting(expect: HttpExpectation, handler: Handler = reply(200, COURSES)) {
  return await runCheck(http({ path: "/courses/", expect }), await serve(handler));
}

conforms(() =>
  http({ path: "/courses/", bearer: secret("METRICS_TOKEN"), expect: { schema: { type: "object" } } }),
);

describe("holds an answer to what is expected of it", () => {
  test.each<[string, HttpExpectation, HttpExpectation, RegExp]>([
    ["any status from 200 to 299", {}, { status: 201 }, /answered 200 with application\/json, not 201/],
    ["one status of several", { status: [200, 404] }, { status: [201, 204] }, /not 201 and 204/],
    [
      "a header",
      { headers: { "content-type": "application/json" } },
      { headers: { "content-type": /^text\// } },
      /content-type: "application\/json", not \/\^text/,
    ],
    [
      "a header that must be missing",
      { headers: { "x-debug": false } },
      { headers: { etag: /./ } },
      /with no etag/,
    ],
    [
      "values by JSON Pointer",
      { json: { "/items/0/level": "beginner", "/next": null, "/items/0": COURSES.items[0]! } },
      { json: { "/items/0/level": "expert" } },
      /"beginner" at \/items\/0\/level, not "expert"/,
    ],
    [
      "a value that is not there",
      { json: { "/items/0/tags/1": "b" } },
      { json: { "/items/1/id": 8 } },
      /nothing at \/items\/1\/id, not 8/,
    ],
    [
      "a schema",
      { schema: { required: ["items"], properties: { items: { items: { required: ["id"] } } } } },
      {
        schema: {
          properties: { items: { items: { properties: { id: { type: "string", format: "uuid" } } } } },
        },
      },
      /a body of another shape: \/items\/0\/id must be string/,
    ],
    ["a text", { text: "beginner" }, { text: /expert/ }, /does not match \/expert\//],
    ["a size", { maxBytes: 1_000 }, { maxBytes: 10 }, /\d+ bytes, more than the 10 allowed/],
  ])("%s", async (_what, met, missed, told) => {
    expect(complaints(await expecting(met))).toBe("");
    const result = await expecting(missed);
    expect([result.verdict, complaints(result)]).toEqual(["failed", expect.stringMatching(told)]);
  });

  test("a time", async () => {
    const slow: Handler = (request, response) =>
      void delay(60).then(() => reply(200, COURSES)(request, response));
    expect((await expecting({ within: "10s" }, slow)).verdict).toBe("passed");
    expect(complaints(await expecting({ within: "30ms" }, slow))).toMatch(
      /answered after \d+ms, later than 30ms/,
    );
  });

  test.each(["GET", "POST"])(
    "a time, when this process is too busy to hear the answer to a %s",
    async (method) => {
      let asked = 0;
      const handler: Handler = (request, response) => {
        asked += 1;
        reply(200, COURSES)(request, response);
        const until = performance.now() + 400;
        // As reading a large schema does.
        if (asked === 1) while (performance.now() < until);
      };
      const timed = http({ path: "/courses/", method, expect: { within: "300ms" } });
      const { verdict, notes, reason } = await runCheck(timed, await serve(handler));
      if (method === "GET") {
        expect([verdict, notes]).toEqual(["passed", [expect.stringMatching(/^Asked .* too busy to hear/)]]);
      } else {
        expect([verdict, reason, asked]).toEqual(["unknown", expect.stringMatching(/too busy to hear/), 1]);
      }
    },
  );

  test("429, when that is what is wanted", async () => {
    expect((await expecting({ status: 429 }, reply(429, {}))).verdict).toBe("passed");
  });

  test("a pattern that would take for ever is given up", async () => {
    const schema = { properties: { name: { pattern: "^(a+)+$" } } };
    const result = await expecting({ schema }, reply(200, { name: `${"a".repeat(40)}!` }));
    expect([result.verdict, complaints(result)]).toEqual([
      "unknown",
      "What GET /courses/ answered takes too long to be held against its schema.",
    ]);
  });
});

describe("sends what it is told", () => {
  const echo: Handler = (request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () =>
      reply(200, { method: request.method, url: request.url, headers: request.headers, body })(
        request,
        response,
      ),
    );
  };

  test("method, query, headers, JSON and secrets, which no report shows", async () => {
    const check = http({
      method: "POST",
      path: "/login/?next=%2F",
      headers: { "x-api-key": secret("KEY") },
      json: { email: "ada@example.com", password: secret("PASSWORD") },
      expect: {
        json: {
          "/method": "POST",
          "/url": "/login/?next=%2F",
          "/headers/content-type": "application/json",
          "/headers/x-api-key": "[redacted]",
          "/body": '{"email":"ada@example.com","password":"[redacted]"}',
        },
      },
    });
    const result = await runCheck(check, await serve(echo), {
      secrets: { KEY: "key-of-gold", PASSWORD: "open-sesame" },
    });
    expect([result.verdict, complaints(result)]).toEqual(["passed", ""]);
    expect(JSON.stringify(result)).not.toMatch(/key-of-gold|open-sesame/);
  });

  test("nothing at all while a secret is missing", async () => {
    let asked = 0;
    const url = await serve(() => {
      asked += 1;
    });
    const result = await runCheck(http({ path: "/", bearer: secret("TOKEN") }), url);
    expect([result.verdict, result.reason, asked]).toEqual([
      "unknown",
      "GET / was not sent, for TOKEN is not set here.",
      0,
    ]);
  });
});

test.each<[string, () => unknown]>([
  ["a path without its slash", () => http({ path: "courses/" })],
  ["a pointer without its slash", () => http({ path: "/", expect: { json: { "items.0": 1 } } })],
  ["a status that nobody sends", () => http({ path: "/", expect: { status: 99 } })],
  ["no status at all", () => http({ path: "/", expect: { status: [] } })],
  ["a time that is none", () => http({ path: "/", expect: { within: "soon" as "1s" } })],
])("%s is refused", (_what, make) => {
  expect(make).toThrow(/SK-CHECK-00[58]/);
});

test("a schema that is none is a mistake of the configuration", async () => {
  await expect(expecting({ schema: { type: "strin" } })).rejects.toThrow("SK-CHECK-008");
});
