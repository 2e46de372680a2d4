import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { nobody, reply, serve, serveRaw } from "../../test/server.ts";
import { type CheckRequest, createSend, type Evidence, type Outcome } from "./http.ts";
import { Redactor } from "./text.ts";

/** Milliseconds: to be waited out, yet enough for a head to arrive on a busy machine. */
const BRIEF = 700;

interface Asking extends Partial<CheckRequest> {
  readonly timeoutMs?: number;
  readonly secret?: string;
}

async function ask(base: URL, { timeoutMs = 10_000, secret, ...request }: Asking = {}) {
  const evidence: Evidence[] = [];
  const redactor = new Redactor();
  if (secret !== undefined) redactor.add(secret);
  const send = createSend({
    base,
    fetch,
    now: () => performance.now(),
    busy: () => 0,
    signal: AbortSignal.timeout(timeoutMs),
    timeoutMs,
    redactor,
    record: (seen) => evidence.push(seen),
  });
  const outcome = await send({ path: "/x", ...request });
  return { outcome, evidence: evidence[0]! };
}

function reason(outcome: Outcome): string {
  return outcome.kind === "answer" ? `answer ${outcome.status}` : `${outcome.kind}: ${outcome.reason}`;
}

describe("no answer is silence, and silence is not a verdict", () => {
  test("nobody listens", async () => {
    expect(reason((await ask(await nobody())).outcome)).toMatch(/^silent: .* refused the connection\.$/);
  });

  test("the name does not resolve", async () => {
    const { outcome } = await ask(new URL("http://nobody.invalid/"));
    expect(reason(outcome)).toMatch(/^silent: nobody\.invalid .* does not resolve\.$/);
  });

  test("a port that fetch refuses", async () => {
    const { outcome } = await ask(new URL("http://127.0.0.1:1/"));
    expect(reason(outcome)).toMatch(/^silent: .* on a port that HTTP clients refuse to use\.$/);
  });

  test("it takes the request and never answers", async () => {
    const url = await serveRaw(() => {});
    const { outcome } = await ask(url, { timeoutMs: BRIEF });
    expect(reason(outcome)).toMatch(/^silent: .* did not answer within 700ms\.$/);
  });

  test("its head drips and never ends", async () => {
    const url = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const drip = setInterval(() => socket.write("x: y\r\n"), 50);
      socket.on("close", () => clearInterval(drip));
    });
    const { outcome } = await ask(url, { timeoutMs: BRIEF });
    expect(reason(outcome)).toMatch(/^silent: .* did not answer within 700ms\.$/);
  });

  test.each([
    ["hangs up", (url: URL) => url],
    ["speaks no TLS", (url: URL) => new URL(url.href.replace("http:", "https:"))],
  ])("it %s", async (_what, change) => {
    const url = await serveRaw((socket) => socket.end());
    expect((await ask(change(url))).outcome.kind).toBe("silent");
  });
});

describe("half an answer is a broken one", () => {
  const broken: [string, string | Buffer, RegExp][] = [
    ["not HTTP", "220 mail.example ESMTP\r\n", /something that is not HTTP/],
    ["huge headers", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}\r\n\r\n`, /headers larger than 16 KiB/],
    ["a forged header line", "HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n", /something that is not HTTP/],
    ["a body cut short", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhi", /broke off after 2 bytes/],
    ["a cut chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", /broke off/],
    [
      "gzip that is none",
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello",
      /not readable as such/,
    ],
  ];
  test("a body compressed in a way that was not asked for", async () => {
    const url = await serve(reply(200, { ok: true }, { "content-encoding": "gzip, x-own" }));
    expect(reason((await ask(url)).outcome)).toMatch(/^broken: .* Content-Encoding: "x-own", which was not/);
  });

  test("a body compressed over and over", async () => {
    const url = await serve(reply(200, "x", { "content-encoding": Array(20).fill("gzip").join() }));
    expect((await ask(url)).outcome.kind).toBe("broken");
  });

  test.each(broken)("%s", async (_what, bytes, expected) => {
    const url = await serveRaw((socket) => socket.end(bytes));
    const { outcome, evidence } = await ask(url);
    expect(reason(outcome)).toMatch(expected);
    expect(outcome.kind).toBe("broken");
    expect(evidence.problem).toMatch(expected);
  });

  test("a body that drips past the time limit", async () => {
    const url = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
      const drip = setInterval(() => socket.write("x"), 50);
      socket.on("close", () => clearInterval(drip));
    });
    const { outcome } = await ask(url, { timeoutMs: BRIEF });
    expect(reason(outcome)).toMatch(/^broken: .* had not finished after 700ms/);
  });

  test("a body without an end is read to its limit and no further", async () => {
    let sent = 0;
    const url = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const block = Buffer.alloc(65_536);
      const pour = () => {
        do sent += block.length;
        while (socket.write(block));
      };
      socket.on("drain", pour);
      pour();
    });
    const { outcome } = await ask(url, { limit: 2 ** 20 });
    expect(reason(outcome)).toMatch(/^broken: .* more than 1 MiB\.$/);
    expect(sent).toBeLessThan(32 * 2 ** 20);
  });

  test("a gzip bomb counts unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 2 ** 20));
    expect(bomb.length).toBeLessThan(2 ** 17);
    const url = await serve(reply(200, bomb, { "content-encoding": "gzip" }));
    expect(reason((await ask(url, { limit: 2 ** 20 })).outcome)).toMatch(/^broken: .* more than 1 MiB\.$/);
  });
});

test("bytes that are not UTF-8 are no text", async () => {
  const url = await serve(reply(200, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])));
  const { outcome } = await ask(url);
  expect(outcome.kind === "answer" && outcome.text).toBeUndefined();
});

test("a status that no code stands for is an answer", async () => {
  const url = await serveRaw((socket) => socket.end("HTTP/1.1 799 Odd\r\ncontent-length: 0\r\n\r\n"));
  expect(reason((await ask(url)).outcome)).toBe("answer 799");
});

describe("credentials stay at their origin", () => {
  test("a redirect elsewhere is an answer and is not followed", async () => {
    const asked: string[] = [];
    const elsewhere = await serve((request, response) => {
      asked.push(String(request.headers.authorization));
      response.end();
    });
    const url = await serve(reply(302, "", { location: elsewhere.href }));
    const { outcome, evidence } = await ask(url, { bearer: "open-sesame" });
    expect(reason(outcome)).toBe("answer 302");
    expect(evidence.location).toBe(elsewhere.href);
    expect(asked).toEqual([]);
  });

  test.each(["//elsewhere.invalid/x", "/\\elsewhere.invalid/x", "/x?next=//elsewhere.invalid", "/../../x"])(
    "the path %s does not change the host",
    async (path) => {
      const url = await serve(reply(200, "here"));
      const { outcome, evidence } = await ask(url, { path });
      expect(reason(outcome)).toBe("answer 200");
      expect(evidence.request).toContain(`GET ${url.origin}/`);
    },
  );

  test("a base with a path keeps it, and the query comes through", async () => {
    let asked = "";
    const url = await serve((request, response) => {
      asked = request.url!;
      response.end();
    });
    await ask(new URL("shop/", url), { path: "/items/?page=2" });
    expect(asked).toBe("/shop/items/?page=2");
  });

  test("a token is in no evidence, and not in what the service sends back", async () => {
    const url = await serve((request, response) => {
      const { authorization = "" } = request.headers;
      response.setHeader("content-type", `text/${authorization.slice(7)}`);
      response.setHeader("location", `/login?was=${authorization}`);
      response.writeHead(302);
      response.end(JSON.stringify({ authorization, encoded: Buffer.from("open-sesame").toString("base64") }));
    });
    const { outcome, evidence } = await ask(url, { bearer: "open-sesame", secret: "open-sesame" });
    const seen =
      outcome.kind === "answer" ? [outcome.text, outcome.mediaType, outcome.header("location")] : [];
    expect(seen).toHaveLength(3);
    expect(JSON.stringify([evidence, seen])).not.toMatch(/open-sesame|b3Blbi1zZXNhbWU/);
  });
});

test("an interruption is no verdict on the service", async () => {
  const url = await serveRaw(() => {});
  const controller = new AbortController();
  const send = createSend({
    base: url,
    fetch,
    now: () => performance.now(),
    busy: () => 0,
    signal: controller.signal,
    timeoutMs: BRIEF,
    redactor: new Redactor(),
    record: () => {},
  });
  const outcome = send({ path: "/x" });
  controller.abort();
  expect(reason(await outcome)).toMatch(/^silent: .* interrupted\.$/);
});
