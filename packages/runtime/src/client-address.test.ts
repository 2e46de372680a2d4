import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientAddress, type Trust } from "./client-address.ts";
import { isNetwork, Networks } from "./network.ts";

/** Any UTF-16, lone surrogates included. */
const anyText = (longest: number) =>
  fc.array(fc.nat(0xffff), { maxLength: longest }).map((codes) => String.fromCharCode(...codes));

const trust: Trust = { proxies: new Networks(["10.0.0.0/8", "127.0.0.1", "fd00::/8"]) };
const xff = (value: string) => clientAddress("10.0.0.1", { "x-forwarded-for": value }, trust);
const forwarded = (value: string) => clientAddress("10.0.0.1", { forwarded: value }, trust);

describe("the peer", () => {
  test("is the caller without declared proxies, whatever the headers say", () => {
    const headers = { "x-forwarded-for": "1.2.3.4", forwarded: "for=1.2.3.4" };
    expect(clientAddress("10.0.0.1", headers, undefined)).toBe("10.0.0.1");
    expect(clientAddress("192.0.2.1", headers, trust)).toBe("192.0.2.1");
    expect(clientAddress("::ffff:192.0.2.1", headers, trust)).toBe("192.0.2.1");
    expect(clientAddress("::ffff:10.0.0.1", headers, trust)).toBe("1.2.3.4");
  });

  test("of a destroyed socket is unknown", () => {
    expect(clientAddress(undefined, { "x-forwarded-for": "1.2.3.4" }, trust)).toBeUndefined();
  });
});

test.each([
  ["1.2.3.4", "1.2.3.4"],
  ["6.6.6.6, 1.2.3.4", "1.2.3.4"],
  ["6.6.6.6, 1.2.3.4, 10.1.1.1", "1.2.3.4"],
  ["6.6.6.6,1.2.3.4,10.1.1.1 , 10.2.2.2", "1.2.3.4"],
  ["10.9.9.9, 10.1.1.1", "10.9.9.9"],
  ["1.2.3.4:5555", "1.2.3.4"],
  ["[2001:db8::1]:443", "2001:db8::1"],
  ["2001:db8::1", "2001:db8::1"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["1.2.3.4, unknown", "10.0.0.1"],
  ["1.2.3.4, 010.1.1.1", "10.0.0.1"],
  ["1.2.3.4, 1.2.3", "10.0.0.1"],
  ["1.2.3.4, fe80::1%eth0", "10.0.0.1"],
  ["1.2.3.4, 10.1.1.1, garbage\u001b[31m, 10.3.3.3", "10.3.3.3"],
  ["1.2.3.4,", "10.0.0.1"],
  ["", "10.0.0.1"],
])("X-Forwarded-For %s: %s", (value, caller) => {
  expect(xff(value)).toBe(caller);
});

test.each([
  ["for=1.2.3.4", "1.2.3.4"],
  ['For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
  ["for=6.6.6.6, for=1.2.3.4;proto=http;by=203.0.113.43", "1.2.3.4"],
  ["proto=https; for=1.2.3.4:80, for=10.1.1.1", "1.2.3.4"],
  ["for=1.2.3.4, for=_hidden", "10.0.0.1"],
  ["for=1.2.3.4, for=unknown", "10.0.0.1"],
  ["for=1.2.3.4, proto=https", "10.0.0.1"],
])("Forwarded %s: %s", (value, caller) => {
  expect(forwarded(value)).toBe(caller);
});

test("with both headers X-Forwarded-For is read, unless the declaration says otherwise", () => {
  const headers = { "x-forwarded-for": "1.1.1.1", forwarded: "for=2.2.2.2" };
  expect(clientAddress("10.0.0.1", headers, trust)).toBe("1.1.1.1");
  expect(clientAddress("10.0.0.1", headers, { ...trust, header: "forwarded" })).toBe("2.2.2.2");
  const only = { forwarded: "for=2.2.2.2" };
  expect(clientAddress("10.0.0.1", only, { ...trust, header: "x-forwarded-for" })).toBe("10.0.0.1");
});

test("whatever a header holds, the answer is an address", () => {
  fc.assert(
    fc.property(anyText(50), fc.boolean(), (text, standard) => {
      expect(isIP((standard ? forwarded(`for=${text}`) : xff(text))!)).not.toBe(0);
    }),
  );
});

test("a long header costs no more than its trusted end", () => {
  const started = performance.now();
  expect(xff(`${"6.6.6.6,".repeat(100_000)} 1.2.3.4`)).toBe("1.2.3.4");
  expect(forwarded(`${"for=6.6.6.6,".repeat(100_000)}for="${" ".repeat(100_000)}`)).toBe("10.0.0.1");
  expect(performance.now() - started).toBeLessThan(500);
});

test.each([
  ["10.0.0.0/8", true],
  ["::1", true],
  ["2001:db8::/129", false],
  ["10.0.0.0/33", false],
  ["010.0.0.0/8", false],
  ["localhost", false],
  ["", false],
])("%s as a network: %s", (text, valid) => {
  expect(isNetwork(text)).toBe(valid);
});

test("a set of networks answers the same when it forgets what it knew", () => {
  const networks = new Networks(["10.0.0.0/8"]);
  for (let n = 0; n < 2500; n++) networks.has(`192.0.${n >> 8}.${n & 255}`);
  expect(networks.has("10.1.2.3")).toBe(true);
  expect(networks.has("192.0.0.1")).toBe(false);
  expect(networks.has("garbage")).toBe(false);
});
