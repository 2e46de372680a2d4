import { describe, expect, test } from "vitest";
import type { Check } from "../src/checks/check.ts";
import type { CheckResult } from "../src/checks/report.ts";
import { runCheck } from "./run-check.ts";
import { nobody, reply, serve, serveRaw } from "./server.ts";

const TOKEN = "open-sesame-41";
/** Milliseconds: to be waited out, yet enough for a head to arrive on a busy machine; and never to be reached. */
const BRIEF = 700;
const AMPLE = 10_000;

const OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/** No answer: no kind may call this failed, and none passed. */
const SILENT: Readonly<Record<string, () => Promise<URL>>> = {
  "nobody listens": nobody,
  "it hangs up": () => serveRaw((socket) => socket.end()),
  "it never answers": () => serveRaw(() => {}),
  "it asks for patience": () => serve(reply(429, { title: "Too Many Requests" }, { "retry-after": "60" })),
};

/** An answer that no promise allows: every kind must call this failed. */
const WRONG: Readonly<Record<string, () => Promise<URL>>> = {
  "it speaks another protocol": () => serveRaw((socket) => socket.end("220 mail.example ESMTP\r\n")),
  "its body breaks off": () =>
    serveRaw((socket) => socket.end(`${OK}content-length: 500\r\n\r\n{"status":"up",`)),
  "its body drips": () =>
    serveRaw((socket) => {
      socket.write(`${OK}content-length: 500\r\n\r\n`);
      const drip = setInterval(() => socket.write(" "), 40);
      socket.on("close", () => clearInterval(drip));
    }),
  "its compression is a lie": () =>
    serveRaw((socket) => socket.end(`${OK}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`)),
  "its bytes are no text": () => serve(reply(200, Buffer.from([0x7b, 0xff, 0x7d]))),
  "it breaks": () => serve(reply(500, { title: "Internal Server Error" })),
  "it shows a login page": () => serve(reply(200, "<!doctype html><form>", { "content-type": "text/html" })),
};

/**
 * What even a kind that speaks another protocol than HTTP owes: it does not judge what it did not hear.
 *
 * @param address where the kind is to ask, for a server that is there
 */
export function cannotTell(make: () => Check, address: (url: URL) => URL = (url) => url): void {
  test.each(Object.entries(SILENT))("cannot tell when %s", async (_what, start) => {
    const result = await run(make(), address(await start()), BRIEF);
    expect(result.verdict).toBe("unknown");
    for (const { reason, fix } of result.findings) expect([reason, fix].join("\n")).toMatch(/\.\n.*\.$/);
  });
}

function run(check: Check, url: URL, timeoutMs: number): Promise<CheckResult> {
  return runCheck(check, url, { secrets: { METRICS_TOKEN: TOKEN }, timeoutMs });
}

/**
 * What every kind of check owes, whatever it asks: it never passes on what it did not see, never throws at what it
 * does see, says why and what to do in sentences, and keeps credentials and escape sequences out of its report.
 */
export function conforms(make: () => Check): void {
  describe("conforms", () => {
    cannotTell(make);

    test.each(Object.entries(WRONG))("fails when %s", async (what, start) => {
      const result = await run(make(), await start(), what === "its body drips" ? BRIEF : AMPLE);
      expect(result.verdict).toBe("failed");
      for (const { reason, fix } of result.findings) expect([reason, fix].join("\n")).toMatch(/\.\n.*\.$/);
      expect(result.attempts[0]!.evidence.length).toBeGreaterThan(0);
    });

    test("fails when it is sent elsewhere, and does not go", async () => {
      let visits = 0;
      const elsewhere = await serve((_request, response) => {
        visits += 1;
        response.end("{}");
      });
      const result = await run(make(), await serve(reply(307, "", { location: elsewhere.href })), AMPLE);
      expect([result.verdict, visits]).toEqual(["failed", 0]);
    });

    test("repeats neither a token nor an escape sequence that it is sent", async () => {
      const url = await serve((request, response) => {
        const words = `\u001b]0;${request.headers.authorization}\u0007`;
        reply(500, { [words]: "down", title: words, status: words })(request, response);
      });
      const report = JSON.stringify(await run(make(), url, AMPLE));
      expect(report).not.toContain(TOKEN);
      expect(report).not.toMatch(/\\u001b|\\u0007/);
    });
  });
}
