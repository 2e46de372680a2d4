import { describe, expect, test } from "vitest";
import { conforms } from "../../../test/conformance.ts";
import { exposition, metricsGate as gate, healthy, problem, service } from "../../../test/healthy.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { type Handler, nobody, reply, serve } from "../../../test/server.ts";
import { secret } from "../../config/values.ts";
import { metricsGate } from "./index.ts";

const TOKEN = "open-sesame-41";
const secrets = { METRICS_TOKEN: TOKEN };
const TEXT = { "content-type": "text/plain; version=0.0.4" };
const WEB = { "content-type": "text/html" };

/** A gate that answers `refusal` to everybody without the token. */
const guarded = (refusal: Handler, admitted: Handler = reply(200, exposition(), TEXT)): Handler => {
  return (request, response) =>
    (request.headers.authorization === `Bearer ${TOKEN}` ? admitted : refusal)(request, response);
};

const at = (handler: Handler) => serve(healthy({ "/metrics": handler }));

conforms(() => metricsGate());

describe("passes", () => {
  test.each([401, 403, 404])("a gate that refuses with %i and opens to the token", async (status) => {
    const url = await at(guarded(reply(status, problem(status))));
    const result = await runCheck(metricsGate(), url, { secrets, service });
    expect(result.findings).toEqual([]);
    expect(result.reason).toMatch(/answers its token with metrics and refuses everybody else/);
    expect(result.notes).toEqual(['Version "1.4.2" answered.']);
    expect(result.attempts[0]!.evidence.map(({ as, status }) => [as, status])).toEqual([
      ["without credentials", status],
      ["with a wrong token", status],
      ["with the token", 200],
    ]);
  });

  test("a service without a token that lets loopback in and nothing that was forwarded", async () => {
    const result = await runCheck(metricsGate(), await serve(healthy()), { service });
    expect(result.verdict).toBe("passed");
    expect(result.reason).toMatch(/answers this machine with metrics/);
    expect(result.notes).toContain(
      "Loopback is let in without credentials; a request forwarded for 203.0.113.7 was refused.",
    );
  });

  test("a gate that lets loopback in beside its token", async () => {
    const url = await at((request, response) => {
      const inside = request.headers["x-forwarded-for"] === undefined;
      (inside ? reply(200, exposition(), TEXT) : gate(exposition(), TOKEN))(request, response);
    });
    expect((await runCheck(metricsGate(), url, { secrets, service })).findings).toEqual([]);
  });

  test("metrics of somebody else, when nothing is declared", async () => {
    const url = await at(gate("# TYPE jobs counter\njobs 4\n", TOKEN));
    const result = await runCheck(metricsGate(), url, { secrets });
    expect(result.verdict).toBe("passed");
    expect(result.notes.join()).toMatch(/without a declaration none are demanded/);
  });
});

describe("fails a gate", () => {
  const forwardedOnly: Handler = (request, response) => {
    // Refuses by form only: the status says no and the body says everything.
    reply(403, exposition(), TEXT)(request, response);
  };
  const bad: [string, Handler, RegExp][] = [
    ["that is open", reply(200, exposition(), TEXT), /The gate is open: it answered 200/],
    [
      "that redirects to a login",
      guarded(reply(302, "", { location: "https://login.example/" })),
      /302 to "https:\/\/login/,
    ],
    [
      "that shows a login page",
      guarded(reply(200, "<!doctype html><form>", WEB)),
      /a web page with status 200/,
    ],
    ["that breaks", guarded(reply(500, "oops")), /500 .* neither metrics nor a refusal/],
    ["that asks for patience", guarded(reply(202, "")), /The gate is open: it answered 202/],
    [
      "that refuses and tells all the same",
      guarded(forwardedOnly),
      /refused .* with 403 and sent the metrics/,
    ],
    ["that knows another token", gate(exposition(), "another-one"), /answered 401 .* to the right token/],
    ["that is switched off", reply(404, problem(404)), /answered 404 .* to the right token/],
    [
      "that redirects the token away",
      guarded(reply(401, {}), reply(307, "", { location: "http://a.example/" })),
      /307 to/,
    ],
  ];
  test.each(bad)("%s", async (_what, handler, expected) => {
    const result = await runCheck(metricsGate(), await at(handler), { secrets, service });
    expect(result.verdict).toBe("failed");
    expect(complaints(result)).toMatch(expected);
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });

  test("that takes any token", async () => {
    const url = await at((request, response) => {
      const answer = request.headers.authorization
        ? reply(200, exposition(), TEXT)
        : reply(401, problem(401));
      answer(request, response);
    });
    const result = await runCheck(metricsGate(), url, { secrets, service });
    expect(complaints(result)).toMatch(/open: .* to a request with a wrong token/);
  });

  test("that was never given the token it should ask for", async () => {
    const result = await runCheck(metricsGate(), await serve(healthy()), { secrets, service });
    expect(complaints(result)).toMatch(/answered 403 .* to the right token/);
  });

  test("that forwards the scraper elsewhere: the token does not go along", async () => {
    const seen: unknown[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    const url = await at(guarded(reply(401, {}), reply(302, "", { location: elsewhere.href })));
    expect((await runCheck(metricsGate(), url, { secrets })).verdict).toBe("failed");
    expect(seen).toEqual([]);
  });
});

describe("fails metrics", () => {
  const names = "http_request_duration_seconds";
  const bad: [string, string, Record<string, string>, RegExp][] = [
    ["that are a web page", "<html>", TEXT, /is a web page/],
    [
      "of the wrong media type",
      exposition(),
      { "content-type": "application/json" },
      /came as 200 with application\/json/,
    ],
    ["with a broken line", `${exposition()}oops\n`, TEXT, /^Line \d+ of the metrics is not a sample/],
    ["with a series twice", `${exposition()}http_requests_in_flight 1\n`, TEXT, /repeats a series/],
    ["without a sample", "# HELP up Nothing.\n", TEXT, /not one sample/],
    ["that are empty", "", TEXT, /not one sample/],
    [
      "of another library",
      "# TYPE process_cpu counter\nprocess_cpu 1\n",
      TEXT,
      /lack http_request_duration_seconds/,
    ],
    [
      "without the threshold's bucket",
      exposition({ edges: [0.1, 0.5, 1] }),
      TEXT,
      /no bucket edge at .*0\.3 s/,
    ],
    [
      "of another declaration",
      exposition({ hash: "0000000000000000" }),
      TEXT,
      /deployed declaration is "0000000000000000"/,
    ],
    ["of another service", exposition({ name: "cart" }), TEXT, /service that answered is "cart", not "shop"/],
    [
      "without its name",
      exposition().replace(/^seakeep_service_info.*\n/m, ""),
      TEXT,
      /lack seakeep_service_info/,
    ],
    [
      "whose counter is no number",
      exposition().replace(/^(http_requests_total\S+) 3$/m, "$1 NaN"),
      TEXT,
      /values that cannot be: http_requests_total \(a counter below zero, or no number\)/,
    ],
    [
      "whose histogram counts less in a larger bucket",
      exposition().replace(/^(\S+le="\+Inf"\}) 3$/m, "$1 2"),
      TEXT,
      /values that cannot be: http_request_duration_seconds \(a bucket/,
    ],
    [
      "of another type",
      exposition().replace(`${names} histogram`, `${names} summary`),
      TEXT,
      /lack .* \(histogram\)/,
    ],
  ];
  test.each(bad)("%s", async (_what, text, headers, expected) => {
    const url = await at(guarded(reply(401, {}), reply(200, text, headers)));
    const result = await runCheck(metricsGate(), url, { secrets, service });
    expect(result.verdict).toBe("failed");
    expect(complaints(result)).toMatch(expected);
  });

  test("that are not UTF-8", async () => {
    const url = await at(guarded(reply(401, {}), reply(200, Buffer.from([0x61, 0xff]), TEXT)));
    expect(complaints(await runCheck(metricsGate(), url, { secrets }))).toMatch(/not UTF-8/);
  });
});

describe("cannot tell", () => {
  test("whether the scraper is let in, without the token", async () => {
    const url = await at(gate(exposition(), TOKEN));
    const result = await runCheck(metricsGate(), url, { service });
    expect(result.verdict).toBe("unknown");
    expect(result.reason).toMatch(/refuses strangers; whether it answers Prometheus was not seen/);
    expect(result.fix).toMatch(/METRICS_TOKEN/);
  });

  test("the bucket edges, before any request", async () => {
    const quiet = exposition().replace(/^http_request_duration_seconds_.*\n/gm, "");
    const url = await at(gate(quiet, TOKEN));
    const result = await runCheck(metricsGate(), url, { secrets, service });
    expect([result.verdict, complaints(result)]).toEqual([
      "unknown",
      expect.stringMatching(/has recorded no request yet/),
    ]);
  });

  test("anything, without a service", async () => {
    expect((await runCheck(metricsGate(), await nobody(), { secrets })).verdict).toBe("unknown");
  });

  test("whether strangers are refused, from an address that is let in", async () => {
    const url = await serve(healthy());
    const elsewhere = new URL(url.href.replace("127.0.0.1", "shop.internal"));
    const result = await runCheck(metricsGate(), elsewhere, { service, resolve: url });
    expect(result.verdict).toBe("unknown");
    expect(result.reason).toMatch(/nobody can tell whether it refuses strangers/);
  });
});

test("a token of one's own, at a path of one's own", async () => {
  const url = await serve(healthy({ "/internal/metrics": gate(exposition(), "mine-alone") }));
  const check = metricsGate({ token: secret("SHOP_TOKEN"), path: "/internal/metrics", name: "gate" });
  const result = await runCheck(check, url, { secrets: { SHOP_TOKEN: "mine-alone" }, service });
  expect([result.name, result.verdict]).toEqual(["gate", "passed"]);
});

test("a token that no header can carry is an error that does not show it", async () => {
  const url = await serve(healthy());
  const run = runCheck(metricsGate(), url, { secrets: { METRICS_TOKEN: "open sesame\n" } });
  await expect(run).rejects.toThrow("SK-CHECK-006: The secret METRICS_TOKEN cannot be sent");
  await expect(run).rejects.not.toThrow(/sesame/);
});

test("a token sent without TLS beyond this machine is noted", async () => {
  const url = await at(gate(exposition(), TOKEN));
  const elsewhere = new URL(url.href.replace("127.0.0.1", "shop.internal"));
  const result = await runCheck(metricsGate(), elsewhere, { secrets, service, resolve: url });
  expect([result.verdict, ...result.notes]).toContain("The token travelled unencrypted: the URL is http.");
});

test("the negative requests carry neither the token nor a part of it", async () => {
  const sent: string[] = [];
  const url = await serve((request, response) => {
    sent.push(String(request.headers.authorization));
    healthy({}, TOKEN)(request, response);
  });
  await runCheck(metricsGate(), url, { secrets });
  expect(sent).toEqual(["undefined", expect.stringMatching(/^Bearer seakeep-check-/), `Bearer ${TOKEN}`]);
});
