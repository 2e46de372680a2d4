import { describe, expect, test } from "vitest";
import { brokenBody, noHead } from "./http-failure.ts";

const asked = { target: "GET /x", host: "shop.example", timeoutMs: 10_000, durationMs: 9_900, busyMs: 0 };

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

describe("time that is up", () => {
  const expired = new DOMException("The time is up.", "TimeoutError");
  const of = (durationMs: number, busyMs = 0) => ({ ...asked, durationMs, busyMs });

  test("is told as long as it was, and not as long as the whole check", () => {
    expect(noHead(expired, of(9_900)).reason).toBe("shop.example (GET /x) did not answer within 10s.");
    expect(noHead(expired, of(30)).reason).toBe(
      "shop.example (GET /x) did not answer within the 30ms that were left of the check's time.",
    );
  });

  test.each([
    ["broken, when most of it was spent on the answer", of(9_900), "broken"],
    ["silence, when the answer was given a moment", of(30), "silent"],
    ["silence, when this process was busy all the while", of(9_900, 9_800), "silent"],
  ])("in the middle of a body is %s", (_what, given, kind) => {
    expect(brokenBody(expired, { ...given, bytes: 5 }).kind).toBe(kind);
  });
});

test("an interrupted body is no verdict on the service", () => {
  const error = new DOMException("aborted", "AbortError");
  expect(brokenBody(error, { ...asked, bytes: 5 })).toMatchObject({ kind: "silent" });
});
