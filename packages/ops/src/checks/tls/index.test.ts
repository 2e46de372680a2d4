import type { ServerOptions } from "node:https";
import { describe, expect, test } from "vitest";
import { type Certificate, makeCertificate } from "../../../../../test/checks/certificate.ts";
import { cannotTell } from "../../../test/conformance.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { reply, serve, serveTls } from "../../../test/server.ts";
import { type TlsOptions, tls } from "./index.ts";

/** To the second, as certificates have it. The day must be today's: OpenSSL has no other calendar. */
const TODAY = new Date(Math.floor(Date.now() / 1000) * 1000);
const days = (count: number) => new Date(TODAY.getTime() + count * 86_400_000);
const whole = { hosts: ["127.0.0.1", "localhost"], from: days(-30), until: days(60) };

const authority = makeCertificate({ name: "Test authority", ca: true, from: days(-400), until: days(4_000) });
const good = makeCertificate({ name: "shop", ...whole, issuer: authority.signer });

async function look(
  { cert, key }: Pick<Certificate, "cert" | "key">,
  options: TlsOptions = { ca: authority.cert },
  server: ServerOptions = {},
) {
  const url = await serveTls(reply(200, "fine"), { cert, key, ...server });
  return await runCheck(tls(options), url, { date: TODAY });
}

cannotTell(tls, (url) => new URL(url.href.replace("http:", "https:")));

test("a certificate for this host, from a known authority, passes, and leaves evidence", async () => {
  const result = await look(good);
  expect([result.verdict, complaints(result)]).toEqual(["passed", ""]);
  expect(result.reason).toBe('TLSv1.3; certificate of "Test authority" for 60d more.');
  expect(result.attempts[0]!.evidence[0]).toMatchObject({
    request: expect.stringMatching(/^TLS 127\.0\.0\.1:\d+$/),
    tls: { protocol: "TLSv1.3", subject: "shop", issuer: "Test authority", expires: days(60).toISOString() },
  });
});

test("a URL without TLS has no certificate to look at, and that is no pass", async () => {
  const result = await runCheck(tls(), await serve(reply(200, "fine")));
  expect([result.verdict, complaints(result)]).toEqual([
    "unknown",
    "The URL is http, so there is no certificate to look at.",
  ]);
});

describe("fails when", () => {
  const signed = (changes: object) =>
    makeCertificate({ name: "shop", ...whole, issuer: authority.signer, ...changes });

  test.each<[string, Certificate, RegExp]>([
    ["it has expired", signed({ until: days(-2) }), /^The certificate expired 2d ago\.$/],
    ["it expires soon", signed({ until: days(10) }), /^The certificate expires in 10d\.$/],
    ["it is not valid yet", signed({ from: days(3) }), /^The certificate is not valid for another 3d\.$/],
    [
      "it is for another host",
      signed({ hosts: ["shop.example"] }),
      /is for "shop\.example", not for 127\.0\.0\.1\.$/,
    ],
    [
      "it signed itself",
      makeCertificate({ name: "shop", ...whole }),
      /^The certificate is signed by itself\.$/,
    ],
  ])("%s", async (_what, certificate, told) => {
    const result = await look(certificate);
    expect([result.verdict, complaints(result)]).toEqual(["failed", expect.stringMatching(told)]);
  });

  test("its authority is not trusted here", async () => {
    const served = { key: good.key, cert: good.cert + authority.cert };
    const result = await look(served, {});
    expect([result.verdict, complaints(result)]).toEqual([
      "failed",
      "The certificate leads to an authority that is not trusted here.",
    ]);
  });

  test("a certificate in between is not served", async () => {
    const between = makeCertificate({ name: "Between", ca: true, issuer: authority.signer, ...whole });
    const leaf = makeCertificate({ name: "shop", ...whole, issuer: between.signer });
    expect((await look({ key: leaf.key, cert: leaf.cert + between.cert })).verdict).toBe("passed");
    const result = await look(leaf);
    expect([result.verdict, complaints(result)]).toEqual(["failed", expect.stringMatching(/leads nowhere/)]);
  });

  test("a certificate in between ends soon", async () => {
    const ending = { name: "Between", ca: true, issuer: authority.signer, from: days(-30), until: days(3) };
    const between = makeCertificate(ending);
    const leaf = makeCertificate({ name: "shop", ...whole, issuer: between.signer });
    const result = await look({ key: leaf.key, cert: leaf.cert + between.cert });
    expect(complaints(result)).toBe('The certificate of "Between" in its chain expires in 3d.');
  });

  test("it still speaks a protocol of the last century", async () => {
    const old = { minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    const result = await look(good, undefined, old);
    expect([result.verdict, complaints(result)]).toEqual([
      "failed",
      "It still speaks TLSv1.1 to who asks for it.",
    ]);
  });

  test("it speaks nothing else", async () => {
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    expect((await look(good, undefined, old)).verdict).toBe("failed");
  });
});

test("how soon is soon can be said", async () => {
  const result = await look(good, { ca: authority.cert, expiresAfter: "61d" });
  expect(complaints(result)).toBe("The certificate expires in 60d.");
});

test("options that make no sense are refused", () => {
  expect(() => tls({ expiresAfter: "soon" as "1d" })).toThrow("SK-CHECK-008");
  expect(() => tls({ ca: "ca.pem" })).toThrow("SK-CHECK-008");
});
