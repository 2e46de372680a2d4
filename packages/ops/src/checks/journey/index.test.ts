import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { conforms } from "../../../test/conformance.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { type Handler, reply, serve } from "../../../test/server.ts";
import { secret } from "../../config/values.ts";
import { journey } from "./index.ts";

conforms(() =>
  journey().step("ask", {
    path: "/",
    bearer: secret("METRICS_TOKEN"),
    expect: { schema: { type: "object" } },
  }),
);

const TOKEN = "made-by-the-service-41";
const PASSWORD = "open-sesame";
const secrets = { PASSWORD };

/** A shop with a login, and everything that was asked of it. */
function shop(faults: Readonly<Record<string, Handler>> = {}) {
  const asked: string[] = [];
  const handler: Handler = (request, response) => {
    const call = `${request.method} ${request.url}`;
    asked.push(call);
    const isLogin = call === "POST /login/";
    const fine: Readonly<Record<string, Handler>> = {
      "POST /login/": reply(200, { access_token: TOKEN, user: { id: 7 } }, { "x-session": "s1" }),
      "POST /items/": reply(201, { id: "a b" }),
      "GET /items/a%20b/": reply(200, { id: "a b", owner: 7 }),
      "DELETE /items/a%20b/": reply(204, ""),
    };
    const known = isLogin || request.headers.authorization === `Bearer ${TOKEN}`;
    (known ? (faults[call] ?? fine[call] ?? reply(404, {})) : reply(401, {}))(request, response);
  };
  return { asked, handler };
}

function author() {
  return journey({ name: "author" })
    .step("log in", {
      method: "POST",
      path: "/login/",
      json: { user: "ada", password: secret("PASSWORD") },
      save: { token: "/access_token", user: "/user/id", session: { header: "x-session" } },
    })
    .step("create", ({ token }) => ({
      method: "POST",
      path: "/items/",
      bearer: token,
      json: { title: "Knots" },
      expect: { status: 201 },
      save: { id: "/id" },
    }))
    .step("read", ({ token, id, user, session }) => ({
      path: `/items/${encodeURIComponent(id)}/`,
      headers: { "x-session": session },
      bearer: token,
      expect: { json: { "/id": id, "/owner": Number(user) } },
    }))
    .cleanup("delete", ({ token, id }) => ({
      method: "DELETE",
      path: `/items/${encodeURIComponent(id)}/`,
      bearer: token,
      expect: { status: 204 },
    }));
}

const WHOLE = ["POST /login/", "POST /items/", "GET /items/a%20b/", "DELETE /items/a%20b/"];

test("steps hand values on, in order, and the report names them", async () => {
  const { asked, handler } = shop();
  const result = await runCheck(author(), await serve(handler), { secrets });
  expect([result.verdict, result.reason]).toEqual([
    "passed",
    '4 steps passed: "log in", "create", "read" and "delete".',
  ]);
  expect(asked).toEqual(WHOLE);
  expect(result.attempts[0]!.evidence.map(({ as }) => as)).toEqual(["log in", "create", "read", "delete"]);
});

describe("when a step fails", () => {
  test("what was made is taken away all the same", async () => {
    const { asked, handler } = shop({ "GET /items/a%20b/": reply(200, { id: "a b", owner: 8 }) });
    const result = await runCheck(author(), await serve(handler), { secrets });
    expect([result.verdict, complaints(result)]).toEqual([
      "failed",
      'Step "read": GET /items/a%20b/ answered 8 at /owner, not 7.',
    ]);
    expect(asked).toEqual(WHOLE);
  });

  test("the rest is not tried, and nothing is taken away that was never made", async () => {
    const { asked, handler } = shop({ "POST /items/": reply(500, {}) });
    const result = await runCheck(author(), await serve(handler), { secrets });
    expect(complaints(result)).toBe(
      'Step "create": POST /items/ answered 500 with application/json, not 201.',
    );
    expect(result.notes).toEqual(['Nothing to "delete": "id" was never saved.', 'Not tried: "read".']);
    expect(asked).toEqual(WHOLE.slice(0, 2));
  });

  test("a value that is not in the answer fails the step that should have it", async () => {
    const { handler } = shop({ "POST /login/": reply(200, { access_token: "", user: {} }) });
    const result = await runCheck(author(), await serve(handler), { secrets });
    expect(complaints(result).split("\n")).toEqual([
      'Step "log in": its answer has no "token" (at /access_token of the body).',
      'Step "log in": its answer has no "user" (at /user/id of the body).',
      'Step "log in": its answer has no "session" (in the header x-session).',
    ]);
    expect(result.notes.at(-1)).toBe('Not tried: "create" and "read".');
  });

  test("and so does what cannot be taken away", async () => {
    const { handler } = shop({ "DELETE /items/a%20b/": reply(409, {}) });
    const result = await runCheck(author(), await serve(handler), { secrets });
    expect([result.verdict, complaints(result)]).toEqual([
      "failed",
      expect.stringMatching(/^Step "delete": .*409/),
    ]);
  });

  test("a step that hangs leaves time to take away what was made", async () => {
    const { asked, handler } = shop({ "GET /items/a%20b/": () => {} });
    const result = await runCheck(author(), await serve(handler), { secrets, timeoutMs: 1_500 });
    expect([result.verdict, result.reason]).toEqual([
      "unknown",
      expect.stringMatching(/^Step "read": .* did not answer within/),
    ]);
    expect(asked).toEqual(WHOLE);
    await delay(0);
  });
});

test("a secret that is not set makes it unknown, not failed, and asks nothing", async () => {
  const { asked, handler } = shop();
  const result = await runCheck(author(), await serve(handler));
  expect([result.verdict, result.reason, asked]).toEqual([
    "unknown",
    'Step "log in": PASSWORD is not set here.',
    [],
  ]);
});

test("neither what was named a secret nor the token that an answer gave is in the report", async () => {
  const echo = reply(500, { title: `${PASSWORD} ${TOKEN}` }, { "content-type": `text/${TOKEN}` });
  const { handler } = shop({ "GET /items/a%20b/": echo });
  const report = JSON.stringify(await runCheck(author(), await serve(handler), { secrets }));
  expect(report).toContain("[redacted]");
  expect(report).not.toContain(TOKEN);
  expect(report).not.toContain(PASSWORD);
});

test("a step that needs what nobody saved fails, also past the types", async () => {
  const lost = journey().step("read", (saved) => ({ path: `/items/${(saved as { id: string }).id}/` }));
  const { asked, handler } = shop();
  const result = await runCheck(lost, await serve(handler));
  expect([result.verdict, complaints(result), asked]).toEqual([
    "failed",
    'Step "read": it needs "id", which no step saved.',
    [],
  ]);
});

test("what an answer gave and makes no request is no fault of the configuration, and what was made is taken away", async () => {
  const { asked, handler } = shop();
  const careless = author().step("careless", ({ id }) => ({ path: `/items/${id}/` }));
  const result = await runCheck(careless, await serve(handler), { secrets });
  expect([result.verdict, result.reason]).toEqual([
    "unknown",
    expect.stringMatching(/^Step "careless": its request cannot be sent: .*"\/items\/a b\/"/),
  ]);
  expect(asked).toEqual(WHOLE);
});

test.each([
  ["a path without its slash", { path: "items/" }],
  ["a pointer without its slash", { path: "/items/", save: { id: "id" } }],
  ["a status that nobody sends", { path: "/items/", expect: { status: 42 } }],
])("a step with %s is refused when it is written", (_what, step) => {
  expect(() => journey().step("wrong", step)).toThrow(/SK-CHECK-00[58]/);
});

test("names that no step saved do not compile, and a journey without a step is no check", () => {
  const start = journey().step("a", { path: "/", save: { id: "/id" } });
  // @ts-expect-error: nothing was saved as "ip".
  const wrong = start.step("b", ({ ip }) => ({ path: `/${ip}/` }));
  expect(wrong.kind).toBe("journey");
  expect("run" in journey()).toBe(false);
});
