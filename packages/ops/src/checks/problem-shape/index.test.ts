import { NAMES } from "@seakeep/contract";
import { describe, expect, test } from "vitest";
import { conforms } from "../../../test/conformance.ts";
import { healthy, problem, service } from "../../../test/healthy.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { type Handler, nobody, reply, serve } from "../../../test/server.ts";
import { problemShape } from "./index.ts";

const PROBLEM = { "content-type": "application/problem+json; charset=utf-8" };

/** A 404 in good form but for what is changed. */
const shaped = (changes: Record<string, unknown>, headers: Record<string, string> = {}): Handler =>
  reply(404, { ...problem(404), ...changes }, { ...PROBLEM, [NAMES.headers.requestId]: "made", ...headers });

conforms(() => problemShape());

test("passes a service in good form, with and without its declaration", async () => {
  const url = await serve(healthy());
  expect((await runCheck(problemShape(), url, { service })).findings).toEqual([]);
  expect((await runCheck(problemShape(), url)).verdict).toBe("passed");
});

test("passes a problem without its optional members", async () => {
  const url = await serve(reply(404, { title: "Not Found" }, PROBLEM));
  const result = await runCheck(problemShape(), url);
  expect([result.verdict, ...result.notes]).toEqual(["passed", "Answers carry no X-Request-ID."]);
});

describe("fails", () => {
  const STACK = "Error: no\n    at handle (/srv/app/src/index.js:10:5)\n    at next (node:internal:1:1)";
  const bad: [string, Handler, RegExp][] = [
    ["200 for everything", reply(200, problem(200), PROBLEM), /answered 200 .* not 404/],
    [
      "a soft 404 page",
      reply(200, "<!doctype html>not found", { "content-type": "text/html" }),
      /200 with text\/html/,
    ],
    ["a redirect home", reply(302, "", { location: "/" }), /302 to "\/"/],
    ["a 500", reply(500, problem(500), PROBLEM), /answered 500/],
    ["plain JSON", reply(404, problem(404)), /with application\/json, not application\/problem\+json/],
    [
      "Express's own page",
      reply(404, "<html>Cannot GET /x", { "content-type": "text/html" }),
      /404 with text\/html/,
    ],
    ["an array", reply(404, [problem(404)], PROBLEM), /no JSON object/],
    ["a body that is cut", reply(404, '{"title":"No', PROBLEM), /no JSON object/],
    ["an empty body", reply(404, "", PROBLEM), /no JSON object/],
    ["bytes", reply(404, Buffer.from([0x7b, 0xff]), PROBLEM), /no JSON object/],
    ["another status inside", shaped({ status: 500 }), /"status" is "500" under the status code 404/],
    ["a status as text", shaped({ status: "404" }), /"status" is "'404'"/],
    ["a title that is none", shaped({ title: 7 }), /"title" is a number/],
    ["a detail that is null", shaped({ detail: null }), /"detail" is null/],
    ["a type that is no URI", shaped({ type: "not found!" }), /"type" is "not found!"/],
    ["a problem without a word", reply(404, { status: 404 }, PROBLEM), /says nothing/],
    ["a stack trace", shaped({ detail: STACK }), /gives away a stack trace/],
    ["a Python traceback", shaped({ trace: "Traceback (most recent call last):\n" }), /a stack trace/],
    ["a path of the server", shaped({ file: "/srv/app/routes/items.js" }), /a path of its file system/],
    [
      "a database's words",
      shaped({ detail: "connect ECONNREFUSED 10.0.0.7:5432" }),
      /an error of a part behind/,
    ],
    ["a framework's name", shaped({}, { "x-powered-by": "Express" }), /x-powered-by: "Express"/],
    ["a server's version", shaped({}, { server: "nginx/1.18.0" }), /server: "nginx\/1\.18\.0"/],
    [
      "a request id that is not safe",
      shaped({}, { [NAMES.headers.requestId]: "a b" }),
      /has "a b" as X-Request-ID/,
    ],
  ];
  test.each(bad)("%s", async (_what, handler, expected) => {
    const result = await runCheck(problemShape(), await serve(healthy({ "*": handler })));
    expect(result.verdict).toBe("failed");
    expect(complaints(result)).toMatch(expected);
  });

  test("a hostile request id that comes back in a header", async () => {
    const echo: Handler = (request, response) => {
      const id = String(request.headers[NAMES.headers.requestId]);
      reply(404, problem(404), { ...PROBLEM, [NAMES.headers.requestId]: id })(request, response);
    };
    expect(complaints(await runCheck(problemShape(), await serve(echo)))).toMatch(
      /hostile X-Request-ID came back/,
    );
  });

  test("a hostile request id that comes back in the body", async () => {
    const echo: Handler = (request, response) => {
      const id = request.headers[NAMES.headers.requestId];
      reply(404, { ...problem(404), request_id: id }, PROBLEM)(request, response);
    };
    expect(complaints(await runCheck(problemShape(), await serve(echo)))).toMatch(
      /hostile X-Request-ID came back/,
    );
  });

  test("a POST that is answered otherwise than a GET", async () => {
    const url = await serve((request, response) => {
      const answer = request.method === "POST" ? reply(200, { ok: true }) : healthy();
      answer(request, response);
    });
    expect(complaints(await runCheck(problemShape(), url))).toMatch(
      /^POST to a path nobody has answered 200/,
    );
  });

  test("no request id, when the declaration promises one", async () => {
    const url = await serve(reply(404, problem(404), PROBLEM));
    expect(complaints(await runCheck(problemShape(), url, { service }))).toMatch(/has no X-Request-ID/);
  });
});

test("an id that a proxy replaces is worth a note", async () => {
  const result = await runCheck(problemShape(), await serve(shaped({})));
  expect([result.verdict, ...result.notes]).toEqual([
    "passed",
    "The X-Request-ID that was sent came back as another one.",
  ]);
});

test("ten million line breaks are searched in no time", async () => {
  const url = await serve(reply(404, "\n".repeat(9_000_000), PROBLEM));
  expect((await runCheck(problemShape(), url)).verdict).toBe("failed");
});

test("cannot tell without a service", async () => {
  expect((await runCheck(problemShape(), await nobody())).verdict).toBe("unknown");
});

test("looks below a path of one's own", async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url!);
    healthy()(request, response);
  });
  await runCheck(problemShape({ under: "/api/v1/" }), url);
  const [get, post, method, malformed] = asked;
  for (const path of [get, post]) expect(path).toMatch(/^\/api\/v1\/seakeep-check-[0-9a-f]{32}$/);
  expect([method, malformed]).toEqual(["/healthz", "/api/v1/seakeep-check-%zz"]);
});

describe("other mistakes of a caller", () => {
  const TRACE = "URIError: URI malformed\n    at decode (/srv/app/index.js:10:5)";
  /** The test service, with one answer to a method that nobody has, and to a path that cannot be decoded. */
  const answering = (answer: Handler) =>
    serve((request, response) => {
      const odd = request.method === "PROPFIND" || request.url!.includes("%zz");
      (odd ? answer : healthy())(request, response);
    });

  test.each<[string, Handler]>([
    ["as problem details", reply(405, problem(405), { ...PROBLEM, allow: "GET" })],
    ["without a body", reply(405, "", { allow: "GET" })],
    ["as what is not there", reply(404, problem(404), PROBLEM)],
  ])("may be refused %s", async (_what, answer) => {
    const result = await runCheck(problemShape(), await answering(answer), { service });
    expect(complaints(result)).toBe("");
  });

  test.each<[string, Handler, RegExp]>([
    [
      "fail when they break the service",
      reply(500, problem(500), PROBLEM),
      /PROPFIND .* answered 500(?:.|\n)*decoded answered 500/,
    ],
    ["fail when the refusal gives something away", reply(400, TRACE), /gives away a stack trace/],
    ["fail when 405 names no method", reply(405, problem(405), PROBLEM), /answered 405 without Allow/],
    [
      "fail when the form is wrong",
      reply(405, problem(400), { ...PROBLEM, allow: "GET" }),
      /"status" is "400" under the status code 405/,
    ],
  ])("%s", async (_what, answer, told) => {
    const result = await runCheck(problemShape(), await answering(answer));
    expect([result.verdict, complaints(result)]).toEqual(["failed", expect.stringMatching(told)]);
  });

  test("a page in place of problem details fails a declared service, and is noted where a proxy may have sent it", async () => {
    const page = reply(405, "<h1>405</h1>", { "content-type": "text/html", allow: "GET" });
    const url = await answering(page);
    expect((await runCheck(problemShape(), url, { service })).verdict).toBe("failed");
    const result = await runCheck(problemShape(), url);
    expect([result.verdict, result.notes.join()]).toEqual([
      "passed",
      expect.stringMatching(/PROPFIND \/healthz answered 405 with text\/html/),
    ]);
  });
});
