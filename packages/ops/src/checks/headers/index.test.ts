import { describe, expect, test } from "vitest";
import { conforms } from "../../../test/conformance.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { type Handler, reply, serve } from "../../../test/server.ts";
import { secret } from "../../config/values.ts";
import { type HeadersOptions, headers } from "./index.ts";

const SAFE = { "x-content-type-options": "nosniff" };
const PAGE = { ...SAFE, "content-type": "text/html" };

async function look(handler: Handler, options: HeadersOptions = {}, secrets: Record<string, string> = {}) {
  return await runCheck(headers(options), await serve(handler), { secrets });
}

/** As a host with TLS in front of the server would: its URL is https, and leads there. */
async function lookHttps(given: Record<string, string>, options: HeadersOptions = {}) {
  const resolve = await serve(reply(200, {}, { ...SAFE, ...given }));
  return await runCheck(headers(options), new URL("https://shop.example/"), { resolve });
}

conforms(headers);

describe("passes", () => {
  test("on JSON that no browser may take for something else, whatever the status", async () => {
    expect((await look(reply(404, {}, SAFE))).verdict).toBe("passed");
  });

  test.each([
    ["a policy", { "content-security-policy": "default-src 'self'; frame-ancestors 'none'" }],
    ["the older header", { "x-frame-options": "SAMEORIGIN" }],
  ])("on a page whose framing is settled by %s", async (_what, given) => {
    expect((await look(reply(200, "<!doctype html>", { ...PAGE, ...given }))).verdict).toBe("passed");
  });

  test("on HSTS of a year, and without any where it is not asked for", async () => {
    const year = { "strict-transport-security": "max-age=31536000; includeSubDomains" };
    expect((await lookHttps(year)).verdict).toBe("passed");
    expect((await lookHttps({}, { hsts: false })).verdict).toBe("passed");
  });

  test("on an origin that is named, and on any origin without credentials", async () => {
    const credentials = { "access-control-allow-credentials": "true" };
    const named = { ...SAFE, ...credentials, "access-control-allow-origin": "https://shop.example" };
    expect((await look(reply(200, {}, named))).verdict).toBe("passed");
    expect((await look(reply(200, {}, { ...SAFE, "access-control-allow-origin": "*" }))).verdict).toBe(
      "passed",
    );
  });
});

describe("fails", () => {
  test.each<[string, Handler, RegExp]>([
    ["without nosniff", reply(200, {}), /without X-Content-Type-Options: nosniff/],
    ["on a page that may be framed", reply(200, "<!doctype html>", PAGE), /anybody may put into a frame/],
    [
      "on a policy that allows no framing to anybody but by name",
      reply(200, "<!doctype html>", { ...PAGE, "x-frame-options": "ALLOW-FROM https://a.example" }),
      /anybody may put into a frame/,
    ],
    [
      "on a name of the software",
      reply(200, {}, { ...SAFE, "x-powered-by": "Express" }),
      /x-powered-by: "Express"/,
    ],
    [
      "on a version of the server",
      reply(200, {}, { ...SAFE, server: "nginx/1.18.0" }),
      /server: "nginx\/1\.18\.0"/,
    ],
    [
      "on credentials for any origin",
      reply(
        200,
        {},
        {
          ...SAFE,
          "access-control-allow-origin": "*",
          "access-control-allow-credentials": "true",
        },
      ),
      /scripts of any origin \("\*"\)/,
    ],
    [
      "on credentials for whoever asks",
      (request, response) =>
        reply(
          200,
          {},
          {
            ...SAFE,
            "access-control-allow-origin": request.headers.origin!,
            "access-control-allow-credentials": "true",
          },
        )(request, response),
      /scripts of any origin \("https:\/\/seakeep-check\.invalid"\)/,
    ],
  ])("%s", async (_what, handler, told) => {
    const result = await look(handler);
    expect([result.verdict, complaints(result)]).toEqual(["failed", expect.stringMatching(told)]);
  });

  test("without HSTS, or with one that lasts an hour", async () => {
    expect(complaints(await lookHttps({}))).toBe("GET / answered without Strict-Transport-Security.");
    const brief = await lookHttps({ "strict-transport-security": "max-age=3600" });
    expect(complaints(brief)).toMatch(/with Strict-Transport-Security: "max-age=3600"/);
  });

  test("on a header that was asked for and is not there, or is not to be there", async () => {
    const expected = { "referrer-policy": /^no-referrer/, "x-debug": false } as const;
    const result = await look(reply(200, {}, { ...SAFE, "x-debug": "1" }), { expect: expected });
    expect(complaints(result)).toMatch(/no referrer-policy(?:.|\n)*x-debug: "1"/);
  });
});

describe("what one user was answered", () => {
  const authenticated = { path: "/me", bearer: secret("TOKEN") };
  const me =
    (control: string): Handler =>
    (request, response) => {
      const isMe = request.url === "/me";
      const status = isMe && request.headers.authorization !== "Bearer open-sesame" ? 401 : 200;
      const cache = isMe && control !== "" ? { "cache-control": control } : {};
      reply(status, {}, { ...SAFE, ...cache })(request, response);
    };

  test.each([
    ["no-store", "passed"],
    ["max-age=0, private", "passed"],
    ["public, max-age=60", "failed"],
    ["", "failed"],
  ])("with Cache-Control %j is %s", async (control, verdict) => {
    const result = await look(me(control), { authenticated }, { TOKEN: "open-sesame" });
    expect(result.verdict).toBe(verdict);
  });

  test("is unknown without the token, and fails when the token is refused", async () => {
    expect((await look(me("no-store"), { authenticated })).verdict).toBe("unknown");
    expect((await look(me("no-store"), { authenticated }, { TOKEN: "another" })).verdict).toBe("failed");
  });
});
