import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGate, type MetricsAccess, type ScrapeRequest } from "./gate.ts";

function status(access: Partial<MetricsAccess>, request: Partial<ScrapeRequest> = {}): number {
  const gate = createGate({ enabled: true, token: undefined, allow: [], ...access });
  return gate({ method: "GET", peer: "127.0.0.1", headers: { host: "localhost:3000" }, ...request }).status;
}

describe("switched off", () => {
  it("is not there, for anyone", () => {
    expect(status({ enabled: false })).toBe(404);
    expect(status({ enabled: false, token: "t" }, { headers: { authorization: "Bearer t" } })).toBe(404);
    expect(status({ enabled: false }, { method: "POST" })).toBe(404);
  });
});

describe("with a token", () => {
  const withAuthorization = (authorization?: string) =>
    status(
      { token: "s3cret", allow: ["0.0.0.0/0"] },
      { headers: authorization === undefined ? {} : { authorization } },
    );

  it.each(["Bearer s3cret", "bearer s3cret", "BEARER   s3cret", "Bearer s3cret "])(
    "opens for %j",
    (header) => {
      expect(withAuthorization(header)).toBe(200);
    },
  );

  it.each([
    undefined,
    "",
    "s3cret",
    "Bearer",
    "Bearer ",
    "Bearer s3cre",
    "Bearer s3cret2",
    "Bearer S3CRET",
    "Bearers3cret",
    "Basic s3cret",
    "Bearer s3cret, Bearer s3cret",
    `Bearer ${"a".repeat(16_000)}`,
  ])("stays shut for %j, from loopback and declared addresses too", (header) => {
    expect(withAuthorization(header)).toBe(401);
  });

  it("opens for no other text than the token", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text.trim() !== "s3cret");
        return withAuthorization(`Bearer ${text}`) === 401;
      }),
    );
  });

  it("opens from anywhere, through proxies too", () => {
    const headers = { authorization: "Bearer s3cret", "x-forwarded-for": "203.0.113.9", host: "example.com" };
    expect(status({ token: "s3cret" }, { peer: "203.0.113.1", headers })).toBe(200);
    expect(status({ token: "s3cret" }, { peer: undefined, headers })).toBe(200);
  });
});

describe("without a token", () => {
  it.each(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])("opens for loopback %s", (peer) => {
    expect(status({}, { peer })).toBe(200);
  });

  it.each(["10.0.0.1", "203.0.113.1", "::ffff:203.0.113.1", "fe80::1%eth0", "", "nonsense", undefined])(
    "stays shut for %s",
    (peer) => {
      expect(status({}, { peer })).toBe(403);
    },
  );

  it("stays shut when the token is empty, as a missing secret leaves it", () => {
    expect(status({ token: "" }, { peer: "203.0.113.1", headers: { authorization: "Bearer " } })).toBe(403);
    expect(status({ token: "" })).toBe(200);
  });

  it("opens for declared addresses and blocks, whatever host they asked for", () => {
    const headers = { host: "courses.internal:3000" };
    const allow = ["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"];
    for (const peer of ["10.1.2.3", "::ffff:10.1.2.3", "192.0.2.7", "2001:db8::5"]) {
      expect(status({ allow }, { peer, headers })).toBe(200);
    }
    for (const peer of ["10.2.0.1", "192.0.2.8", "2001:db9::5"]) {
      expect(status({ allow }, { peer, headers })).toBe(403);
    }
  });

  it.each([
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "forwarded",
    "via",
    "x-real-ip",
    "cf-connecting-ip",
    "x-envoy-external-address",
  ])("stays shut when %s says that a proxy stands between", (name) => {
    const headers = { host: "localhost", [name]: "127.0.0.1" };
    expect(status({}, { headers })).toBe(403);
    expect(status({ allow: ["127.0.0.1"] }, { headers })).toBe(403);
  });

  it.each(["localhost", "localhost:9090", "LOCALHOST", "127.0.0.1:3000", "127.1.2.3", "[::1]:3000"])(
    "opens on loopback for the host %s",
    (host) => {
      expect(status({}, { headers: { host } })).toBe(200);
    },
  );

  it.each(["courses.example.com", "localhost.evil.example", "127.0.0.1.evil.example", "1270.0.0.1", ""])(
    "stays shut on loopback for the host %j, which a silent proxy or a rebound name sends",
    (host) => {
      expect(status({}, { headers: { host } })).toBe(403);
    },
  );

  it("knows the host by its HTTP/2 name", () => {
    expect(status({}, { headers: { ":authority": "localhost:3000" } })).toBe(200);
    expect(status({}, { headers: { ":authority": "courses.example.com" } })).toBe(403);
  });

  it("stays shut on loopback without a host", () => {
    expect(status({}, { headers: {} })).toBe(403);
  });
});

describe("the method", () => {
  it("must read, once the caller may", () => {
    expect(status({}, { method: "HEAD" })).toBe(200);
    for (const method of ["POST", "DELETE", "OPTIONS", undefined]) expect(status({}, { method })).toBe(405);
    expect(status({}, { method: "POST", peer: "203.0.113.1" })).toBe(403);
    expect(status({ token: "t" }, { method: "POST" })).toBe(401);
  });
});
