import { describe, expect, test } from "vitest";
import { brokenBody, noHead } from "./http-failure.ts";

const asked = { target: "GET /x", host: "shop.example", timeoutMs: 10_000 };

/** As fetch rejects: the reason is in the cause. */
function fetchFailed(code: string, message = "no"): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}

describe("what TLS says", () => {
  test.each([
    ["CERT_HAS_EXPIRED", "broken", /has an expired certificate/],
    ["CERT_NOT_YET_VALID", "broken", /not valid yet/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "broken", /certificate for another name/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "silent", /not trusted here/],
    ["SELF_SIGNED_CERT_IN_CHAIN", "silent", /not trusted here/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "silent", /not trusted here/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "silent", /not trusted here/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "silent", /does not speak TLS/],
    ["EPROTO", "silent", /does not speak TLS/],
  ])("%s is %s", (code, kind, reason) => {
    expect(noHead(fetchFailed(code), asked)).toMatchObject({ kind, reason: expect.stringMatching(reason) });
  });
});

test("several addresses that were tried count as one", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const error = new TypeError("fetch failed", { cause: new AggregateError([refused, refused]) });
  expect(noHead(error, asked).reason).toBe("shop.example (GET /x) refused the connection.");
});

test("an error nobody foresaw is silence, and its words, which can quote a header, are not repeated", () => {
  const failure = noHead(new TypeError('"Bearer open-sesame" is an invalid header value.'), asked);
  expect(failure).toMatchObject({
    kind: "silent",
    reason: "shop.example (GET /x) gave no answer (TypeError).",
  });
  expect(noHead(fetchFailed("EODD", "open-sesame"), asked).reason).toMatch(/gave no answer \(EODD\)\.$/);
});

test("an interrupted body is no verdict on the service", () => {
  const error = new DOMException("aborted", "AbortError");
  expect(brokenBody(error, { ...asked, bytes: 5 })).toMatchObject({ kind: "silent" });
});
