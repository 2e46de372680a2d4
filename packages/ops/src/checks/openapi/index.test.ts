import { defineService, errors } from "@seakeep/contract";
import { describe, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { conforms } from "../../../test/conformance.ts";
import { healthy, notFound, schema, service } from "../../../test/healthy.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { type Handler, nobody, reply, serve, serveRaw } from "../../../test/server.ts";
import { openapi } from "./index.ts";

// The first run loads and compiles the validators, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const YAML = { "content-type": "application/yaml" };
const WEB = { "content-type": "text/html" };

const at = (handler: Handler) => serve(healthy({ "/openapi.json": handler }));
const check = openapi("/openapi.json");

/** The test service's document with some of it changed; keys are dotted, and `undefined` takes out. */
function changed(changes: Record<string, unknown>): Record<string, unknown> {
  const document = structuredClone(schema());
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop()!;
    const parent = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, document);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return document;
}

conforms(() => openapi("/openapi.json"));

describe("passes", () => {
  test("a document that is valid and names the declared routes", async () => {
    const result = await runCheck(check, await serve(healthy()), { service });
    expect(result.findings).toEqual([]);
    expect(result.reason).toBe(
      "GET /openapi.json is valid OpenAPI 3.1.0 with 3 operations; 2 sampled, 1 refused without credentials.",
    );
  });

  test.each([
    "application/yaml",
    "text/yaml; charset=utf-8",
    "application/x-yaml",
    "application/vnd.oai.openapi",
  ])("YAML as %s", async (type) => {
    const url = await at(reply(200, stringify(schema()), { "content-type": type }));
    expect((await runCheck(check, url, { service })).findings).toEqual([]);
  });

  test("OpenAPI 3.0, and OpenAPI's own JSON type", async () => {
    const document = changed({ openapi: "3.0.3" });
    const url = await at(
      reply(200, document, { "content-type": "application/vnd.oai.openapi+json;version=3.0" }),
    );
    expect((await runCheck(check, url)).reason).toMatch(/valid OpenAPI 3\.0\.3/);
  });

  test("paths below a server's path", async () => {
    const document = changed({ servers: [{ url: "https://shop.example/v1/" }] });
    const routes = ["GET /v1/items/", "GET /v1/items/:item/", "GET /v1/orders/"];
    const declared = defineService({
      name: "shop",
      owner: "sales",
      slos: [errors({ objective: 99 })],
      routes,
    });
    const plain = healthy();
    const handler: Handler = (request, response) => {
      request.url = request.url!.replace(/^\/v1/, "");
      plain(request, response);
    };
    const url = await serve((request, response) =>
      (request.url === "/openapi.json" ? reply(200, document) : handler)(request, response),
    );
    expect((await runCheck(check, url, { service: declared })).findings).toEqual([]);
    // The same, for a URL that holds the server's path already.
    const below = await serve((request, response) =>
      (request.url === "/v1/openapi.json" ? reply(200, document) : handler)(request, response),
    );
    expect((await runCheck(check, new URL("/v1", below))).verdict).toBe("passed");
  });

  test("references of every local kind, and data that only looks like one", async () => {
    const document = changed({
      "components.schemas.Here": { $anchor: "here", type: "object", properties: { "a/b~c d": {} } },
      "components.schemas.Own": {
        $id: "https://shop.example/own",
        $defs: { x: {} },
        items: { $ref: "#/$defs/x" },
      },
      "components.schemas.Item.properties": {
        one: { $ref: "#/components/schemas/Here/properties/a~1b~0c%20d" },
        two: { $ref: "#here" },
        three: { $ref: "#" },
        four: { $ref: "https://shop.example/own" },
        $ref: { type: "string" },
        default: { $ref: "#/components/schemas/Item" },
        five: { type: "object", default: { $ref: "#/nowhere" }, "x-mine": { $ref: "#/nowhere" } },
      },
    });
    const result = await runCheck(check, await at(reply(200, document)));
    expect([complaints(result), result.notes]).toEqual(["", []]);
  });

  test("a document in a usual place, when none is named", async () => {
    const result = await runCheck(openapi(), await serve(healthy()));
    expect(result.reason).toMatch(/^GET \/openapi\.json is valid/);
  });

  test("routes that are left out on purpose", async () => {
    const routes = ["GET /items/", "GET /items/:id/", "GET /orders/", "POST /internal/reindex"];
    const declared = defineService({
      name: "shop",
      owner: "sales",
      slos: [errors({ objective: 99 })],
      routes,
    });
    const url = await serve(healthy());
    expect((await runCheck(check, url, { service: declared })).verdict).toBe("failed");
    const lenient = openapi("/openapi.json", { undocumented: ["/internal/reindex"] });
    expect((await runCheck(lenient, url, { service: declared })).verdict).toBe("passed");
  });
});

describe("fails an answer", () => {
  const bad: [string, Handler, RegExp][] = [
    ["404", reply(404, {}), /answered 404 with application\/json, not 200/],
    ["401", reply(401, {}), /answered 401/],
    ["a redirect", reply(301, "", { location: "/openapi" }), /301 to "\/openapi", not 200/],
    ["the viewer's page", reply(200, "<!DOCTYPE html><title>Swagger UI", WEB), /a web page/],
    ["plain text", reply(200, JSON.stringify(schema())), /text\/plain, which is neither JSON nor YAML/],
    [
      "JSON that is cut",
      reply(200, JSON.stringify(schema()).slice(0, 90), { "content-type": "application/json" }),
      /not JSON/,
    ],
    ["a list", reply(200, [schema()]), /not one object/],
    ["YAML that is none", reply(200, "a: [b\nc: }", YAML), /not YAML/],
    ["a YAML bomb", reply(200, bomb(), YAML), /not YAML/],
    ["bytes", reply(200, Buffer.from([0x7b, 0xff]), { "content-type": "application/json" }), /not UTF-8/],
  ];
  test.each(bad)("%s", async (_what, handler, expected) => {
    const result = await runCheck(check, await at(handler));
    expect(result.verdict).toBe("failed");
    expect(complaints(result)).toMatch(expected);
  });

  test("that breaks off", async () => {
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    const url = await serveRaw((socket) => socket.end(`${head}{"openapi":`));
    expect(complaints(await runCheck(check, url))).toMatch(/broke off/);
  });
});

describe("fails a document", () => {
  const { get } = (schema().paths as Record<string, { get: unknown }>)["/items/"]!;
  const bad: [string, Record<string, unknown>, RegExp][] = [
    ["of Swagger 2", { openapi: undefined, swagger: "2.0" }, /says it is .*swagger 2\.0/],
    ["without a version", { openapi: undefined }, /not OpenAPI 3/],
    ["with a version as a number", { openapi: 3.1 }, /"3\.1", not OpenAPI 3/],
    ["without info", { info: undefined }, /not valid OpenAPI 3\.1\.0: .*info/],
    [
      "with a response of the wrong shape",
      { "paths./items/.get.responses": { 200: {} } },
      /\/paths\/~1items~1/,
    ],
    ["without a path", { paths: {} }, /describes no operation/],
    [
      "with an operationId twice",
      { "paths./items/{id}/.get.operationId": "listItems" },
      /operationId .*"listItems"/,
    ],
    ["with a dead reference", { "components.schemas.Item": undefined }, /"#\/components\/schemas\/Item"/],
    [
      "that refers to a prototype",
      { "components.schemas.Item": { $ref: "#/__proto__/toString" } },
      /__proto__/,
    ],
    [
      "with an undeclared path parameter",
      { "paths./items/{id}/.get.parameters": [] },
      /do not match .*GET \/items\/\{id\}\//,
    ],
    ["with a path twice", { "paths./items/{key}/": { get } }, /differ only in parameter names/],
    ["with an unknown security scheme", { security: [{ bearer: [] }] }, /"bearer"/],
    ["that lacks a declared route", { "paths./items/": undefined }, /lacks declared routes: GET \/items\//],
    ["with a route that nobody declared", { "paths./secret/": { get } }, /not declared: GET \/secret\//],
    ["with another method", { "paths./items/": { put: get } }, /lacks declared routes/],
  ];
  test.each(bad)("%s", async (_what, changes, expected) => {
    const result = await runCheck(check, await at(reply(200, changed(changes))), { service });
    expect(result.verdict).toBe("failed");
    expect(complaints(result)).toMatch(expected);
  });

  test.each([
    ["3.0.3", "failed", /nested too deeply/],
    ["3.1.0", "unknown", /nested too deeply to hold answers against it/],
  ])("of OpenAPI %s nested beyond all sense is read to its end: %s", async (version, verdict, expected) => {
    const depth = 20_000;
    const deep = `${'{"properties":{"a":'.repeat(depth)}{}${"}}".repeat(depth)}`;
    const text = JSON.stringify(changed({ openapi: version })).replace('{"type":"object"}', deep);
    const result = await runCheck(check, await at(reply(200, text, { "content-type": "application/json" })));
    expect(result.verdict).toBe(verdict);
    expect(complaints(result)).toMatch(expected);
  });
});

describe("cannot tell", () => {
  test("where the schema is, when it is in no usual place", async () => {
    const result = await runCheck(openapi(), await serve(healthy({ "/openapi.json": notFound })));
    expect(result.verdict).toBe("unknown");
    expect(result.reason).toMatch(/^No schema was found at \/api\/schema\//);
  });

  test.each([
    ["more", `# ${"x".repeat(2 ** 19)}\n`],
    ["more knotted", `a: &a x\n${"- *a\n".repeat(101)}`],
  ])("what %s YAML says than can be read in time", async (_what, text) => {
    const result = await runCheck(check, await at(reply(200, text, YAML)));
    expect([result.verdict, result.reason]).toEqual(["unknown", expect.stringMatching(/too slow to read/)]);
  });

  test("anything, without a service", async () => {
    const result = await runCheck(openapi(), await nobody());
    expect([result.verdict, result.attempts[0]!.evidence.length]).toEqual(["unknown", 1]);
  });
});

test("references to other documents are counted, not followed", async () => {
  const far = { $ref: "http://127.0.0.1:1/far.json#/x" };
  const look = async (properties: object) =>
    await runCheck(
      check,
      await at(reply(200, changed({ "components.schemas.Item.properties": properties }))),
    );
  const counted = "References to other documents were not followed: 1.";
  expect((await look({ far })).notes).toEqual([counted]);
  const result = await look({ price: far });
  expect([result.verdict, ...result.notes]).toEqual([
    "passed",
    counted,
    expect.stringMatching(/^GET \/items\/ was not held against its schema: can't resolve reference/),
    expect.stringMatching(/^GET \/items\/a1\/ was not held against its schema/),
  ]);
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const item = level === 0 ? "x" : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(9).fill(item).join(",")}]`;
  });
  return levels.join("\n");
}
