import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { nobody, reply, serve, serveRaw } from "../../../test/server.ts";
import type { Signals } from "../signals.ts";
import { openPrometheus } from "./open.ts";

const TOKEN = "open-sesame-41";
const span = { from: new Date(1_700_000_000_000), to: new Date(1_700_000_600_000) };
const selector = { metric: "http_requests_total", labels: { job: "courses-api" } };

const open = (url: URL, timeout = 5000): Promise<Signals> =>
  openPrometheus(
    {
      url: url.href,
      token: { kind: "secret", name: "PROMETHEUS_TOKEN" },
      labels: { cluster: "eu-1" },
      timeout,
    },
    { fetch, secret: async () => TOKEN, now: () => span.to.getTime(), scrapeInterval: 15_000 },
  );

const ask = async (url: URL, timeout?: number): Promise<unknown> =>
  (await open(url, timeout)).latest(selector, span).catch((error: unknown) => error);

const success = (result: unknown, more: object = {}) =>
  reply(200, { status: "success", data: { resultType: "matrix", result }, ...more });

const error = (status: number, text: string) =>
  reply(status, { status: "error", errorType: "execution", error: text });

test.each<[string, string, () => Promise<URL>]>([
  ["nobody listens", "SK-SIGNALS-002", nobody],
  ["it hangs up", "SK-SIGNALS-002", () => serveRaw((socket) => socket.end())],
  [
    "its body breaks off",
    "SK-SIGNALS-002",
    () => serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"status":"succ')),
  ],
  ["a proxy has no server", "SK-SIGNALS-002", () => serve(reply(502, "Bad Gateway"))],
  ["the token is wrong", "SK-SIGNALS-003", () => serve(reply(401, "Unauthorized"))],
  ["the token may not read", "SK-SIGNALS-003", () => serve(reply(403, { title: "Forbidden" }))],
  ["it does not know the query", "SK-SIGNALS-004", () => serve(error(400, "parse error"))],
  ["a query takes too long for it", "SK-SIGNALS-004", () => serve(error(503, "query timed out"))],
  [
    "it shows a login page",
    "SK-SIGNALS-005",
    () => serve(reply(200, "<!doctype html><form>", { "content-type": "text/html" })),
  ],
  ["the path is wrong", "SK-SIGNALS-005", () => serve(reply(404, "not found"))],
  [
    "the result has another shape",
    "SK-SIGNALS-005",
    () => serve(success([{ metric: {}, values: [["now", 1]] }])),
  ],
  ["there is no result", "SK-SIGNALS-005", () => serve(reply(200, { status: "success" }))],
  ["a store was away", "SK-SIGNALS-006", () => serve(success([], { warnings: ["store eu-2 is away"] }))],
  ["the response is partial", "SK-SIGNALS-006", () => serve(success([], { isPartial: true }))],
  [
    "even a minute is too much for it",
    "SK-SIGNALS-007",
    () => serve(error(422, "query processing would load too many samples into memory")),
  ],
])("cannot tell when %s", async (_what, code, start) => {
  const failure = await ask(await start());
  expect(failure).toMatchObject({ name: "SeakeepError", code });
  expect(JSON.stringify(failure) + String(failure)).not.toContain(TOKEN);
});

test("gives up on an answer that does not come", async () => {
  const silent = await serve(() => {});
  expect(await ask(silent, 150)).toMatchObject({
    code: "SK-SIGNALS-002",
    what: expect.stringContaining("0.15 s"),
  });
});

test("does not follow a redirect, and so takes the token nowhere", async () => {
  let visits = 0;
  const elsewhere = await serve((_request, response) => {
    visits += 1;
    response.end();
  });
  expect(await ask(await serve(reply(307, "", { location: elsewhere.href })))).toMatchObject({
    code: "SK-SIGNALS-005",
  });
  expect(visits).toBe(0);
});

test("shows the token in its header alone, and asks with the labels of the configuration", async () => {
  const seen: { headers: IncomingMessage["headers"]; url?: string | undefined; body: string }[] = [];
  const url = await serve((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      seen.push({ headers: request.headers, url: request.url, body });
      success([])(request, response);
    });
  });
  expect(await ask(url)).toEqual([]);
  expect(seen[0]!.headers.authorization).toBe(`Bearer ${TOKEN}`);
  expect(seen[0]!.url! + seen[0]!.body).not.toContain(TOKEN);
  expect(new URLSearchParams(seen[0]!.body).get("query")).toBe(
    'http_requests_total{cluster="eu-1",job="courses-api"}[600000ms]',
  );
});

test("asks for less when the server says that it was too much", async () => {
  const lengths: number[] = [];
  const url = await queries((query, answer) => {
    const length = Number(/\[(\d+)ms\]/.exec(query)![1]);
    lengths.push(length);
    if (length > 200_000)
      return answer(error(422, "query processing would load too many samples into memory"));
    answer(success([{ metric: { job: "courses-api" }, values: [[1_700_000_599.5, "7"]] }]));
  });
  expect(await ask(url)).toMatchObject([{ labels: { job: "courses-api" }, value: 7 }]);
  expect(lengths.filter((length) => length <= 200_000).length).toBeGreaterThanOrEqual(3);
});

test("tells what fires, that nothing does, and that nobody would know", async () => {
  const labels = { alertname: "ErrorBudgetBurn", service: "courses-api", severity: "page" };
  const world = async (results: Record<string, unknown[]>) => {
    const url = await queries((query, answer) => {
      const metric = Object.keys(results).find((name) => new RegExp(`(^|\\()${name}\\{`).test(query));
      answer(success(metric === undefined ? [] : results[metric]));
    });
    return (await open(url)).firing("courses-api");
  };
  const firing = {
    metric: { __name__: "ALERTS", alertstate: "firing", ...labels },
    value: [1_700_000_000, "1"],
  };
  const since = { metric: { __name__: "ALERTS_FOR_STATE", ...labels }, value: [1_700_000_000, "1699999000"] };
  const { alertname: name, ...own } = labels;
  expect(await world({ ALERTS: [firing], ALERTS_FOR_STATE: [since] })).toEqual([
    { name, labels: own, since: new Date(1_699_999_000_000) },
  ]);
  expect(await world({ "slo:objective:ratio": [{ metric: {}, value: [1_700_000_000, "0.99"] }] })).toEqual(
    [],
  );
  expect(await world({})).toBeUndefined();
});

/** A server that answers each query. */
function queries(
  answer: (
    query: string,
    send: (handler: (request: IncomingMessage, response: ServerResponse) => void) => void,
  ) => void,
): Promise<URL> {
  return serve((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () =>
      answer(new URLSearchParams(body).get("query") ?? "", (handler) => handler(request, response)),
    );
  });
}
