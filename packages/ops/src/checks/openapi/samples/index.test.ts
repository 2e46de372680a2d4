import { describe, expect, test, vi } from "vitest";
import { healthy, problem, schema } from "../../../../test/healthy.ts";
import { complaints, runCheck } from "../../../../test/run-check.ts";
import { type Handler, reply, serve } from "../../../../test/server.ts";
import { openapi } from "../index.ts";

// The first run loads and compiles the validators, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const PROBLEM = { "content-type": "application/problem+json" };
const UUID = "7d444840-9dc0-41d1-b245-5ffdce74fad2";

/** Runs the check against the test service with some of its answers, and of its document, changed. */
async function look(faults: Readonly<Record<string, Handler>>, change: (document: Shop) => void = () => {}) {
  const document = schema() as unknown as Shop;
  change(document);
  const url = await serve(healthy({ "/openapi.json": reply(200, document), ...faults }));
  return await runCheck(openapi("/openapi.json"), url);
}

/** The parts of the document that tests change. */
interface Shop {
  openapi: string;
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly components: { readonly schemas: { Item: Record<string, unknown> } };
}

const list = "/items/";
const one = "/items/{id}/";

describe("an answer that is not what the schema says fails:", () => {
  test.each<[string, Readonly<Record<string, Handler>>, RegExp]>([
    [
      "a member of another type",
      { "/items/a1/": reply(200, { id: "a1", price: "3" }) },
      /\/price must be integer/,
    ],
    [
      "a member that is missing",
      { [list]: reply(200, { items: [{ id: "a1" }] }) },
      /required property 'price'/,
    ],
    [
      "another media type",
      { [list]: reply(200, "[]") },
      /answered 200 with text\/plain, and the schema says application\/json/,
    ],
    [
      "a body that is cut",
      { [list]: reply(200, '{"items":', { "content-type": "application/json" }) },
      /not JSON/,
    ],
    [
      "a status that is not described",
      { [list]: reply(206, { items: [] }) },
      /a status that the schema does not describe/,
    ],
    ["an error", { [list]: reply(500, {}) }, /answered 500 .* to what the schema says is enough/],
    ["credentials that it does not mention", { [list]: reply(401, {}) }, /answered 401/],
    ["a redirect", { [list]: reply(307, "", { location: "/login" }) }, /answered 307 to "\/login"/],
    [
      "an item that is listed and not there",
      { "/items/a1/": reply(404, problem(404), PROBLEM) },
      /GET \/items\/a1\/ answered 404/,
    ],
  ])("%s", async (_what, faults, told) => {
    const result = await look(faults);
    expect([result.verdict, complaints(result)]).toEqual(["failed", expect.stringMatching(told)]);
  });

  test("a header that is always there, and is not", async () => {
    const result = await look({}, ({ paths }) => {
      const responses = paths[list]!.get!.responses as Record<string, object>;
      responses[200] = {
        ...responses[200],
        headers: { "x-total": { required: true, schema: { type: "integer" } } },
      };
    });
    expect(complaints(result)).toMatch(/answered without x-total/);
  });

  test("a schema that is none", async () => {
    const result = await look({}, ({ components }) => {
      components.schemas.Item = { type: "objekt" };
    });
    expect(complaints(result)).toMatch(/is no JSON Schema/);
  });
});

describe("schemas that refer to each other, a thousand of them,", () => {
  const chained = ({ components }: Shop) => {
    const schemas: Record<string, object> = components.schemas;
    for (let index = 0; index < 1_000; index++) {
      const next = { $ref: `#/components/schemas/S${(index + 1) % 1_000}` };
      schemas[`S${index}`] = {
        type: "object",
        required: ["id"],
        properties: { id: { type: "string" }, next },
      };
    }
    components.schemas.Item = { $ref: "#/components/schemas/S0" };
  };
  const item = (next: object) => ({ "/items/a1/": reply(200, { id: "a1", next }) });

  test("are read, and hold an answer to all that it says", async () => {
    const right = await look(item({ id: "b", next: { id: "c" } }), chained);
    expect([right.verdict, complaints(right)]).toEqual(["passed", ""]);
    const wrong = await look(item({ id: "b", next: { id: 3 } }), chained);
    expect(complaints(wrong)).toMatch(/: \/next\/next\/id must be string\.$/);
  });

  test("also where one is only true or false", async () => {
    const banning = (price: boolean) => (document: Shop) => {
      const schemas: Record<string, unknown> = document.components.schemas;
      schemas.Price = price;
      document.components.schemas.Item = { properties: { price: { $ref: "#/components/schemas/Price" } } };
    };
    expect(complaints(await look({}, banning(true)))).toBe("");
    expect(complaints(await look({}, banning(false)))).toMatch(/\/price must pass/);
  });

  test("also where they forbid what nothing they refer to names", async () => {
    const closed = ({ components }: Shop) => {
      const schemas: Record<string, object> = components.schemas;
      schemas.Named = { properties: { id: {}, price: {} } };
      components.schemas.Item = { $ref: "#/components/schemas/Named", unevaluatedProperties: false };
    };
    expect(complaints(await look({}, closed))).toBe("");
    const more = reply(200, { id: "a1", price: 3, owner: "x" });
    expect(complaints(await look({ "/items/a1/": more }, closed))).toMatch(/unevaluated properties/);
  });
});

test("a schema that calls itself asynchronous is held to all the same", async () => {
  const result = await look({ "/items/a1/": reply(200, { id: "a1" }) }, ({ components }) => {
    components.schemas.Item.$async = true;
  });
  expect(complaints(result)).toMatch(/required property 'price'/);
});

test("a pattern of another language is not held against the service", async () => {
  const result = await look({}, ({ components }) => {
    const patterns = [{ pattern: "^(?P<letter>[a-z])\\d$" }, { pattern: "^a\\-?1$" }];
    components.schemas.Item.properties = { id: { allOf: patterns } };
  });
  expect(complaints(result)).toBe("");
  const ruled = await look({}, ({ components }) => {
    components.schemas.Item.properties = { id: { pattern: "^b\\-1$" } };
  });
  expect(complaints(ruled)).toMatch(/must match pattern/);
});

describe("what needs credentials", () => {
  test("fails when it answers without any", async () => {
    const result = await look({ "/orders/": reply(200, []) });
    expect(complaints(result)).toMatch(
      /^GET \/orders\/ answered 200 .* without the credentials that the schema says it needs\.$/,
    );
  });

  test("fails when it redirects or breaks", async () => {
    const elsewhere = await look({ "/orders/": reply(302, "", { location: "/login" }) });
    expect(complaints(elsewhere)).toMatch(/302 to "\/login"/);
    expect(complaints(await look({ "/orders/": reply(500, {}) }))).toMatch(/answered 500/);
  });

  test("fails when its refusal is not the one that is described", async () => {
    const result = await look({ "/orders/": reply(403, problem(403), PROBLEM) });
    expect(complaints(result)).toMatch(/answered 403 .* a status that the schema does not describe/);
  });

  test("is asked for nothing that could be done, also where the gate is open", async () => {
    const asked: string[] = [];
    const open: Handler = (request, response) => {
      request.on("data", (body) => asked.push(`${request.method} ${request.url} ${body}`));
      if (request.method !== "POST") asked.push(`${request.method} ${request.url}`);
      reply(400, problem(400), PROBLEM)(request, response);
    };
    const security = [{ key: [] }];
    const responses = { 200: { description: "OK" }, default: { description: "No" } };
    const json = { content: { "application/json": { schema: {} } } };
    const result = await look(
      { "/jobs/": open, "/jobs/all/": open, [`/jobs/${HEX_ID}/`]: open },
      ({ paths }) => {
        paths["/jobs/"] = { post: { security, responses, requestBody: { required: true, ...json } } };
        paths["/jobs/all/"] = {
          post: { security, responses },
          put: { security, responses, requestBody: json },
          delete: { security, responses },
        };
        const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
        paths["/jobs/{id}/"] = { delete: { security, responses, parameters: [id] } };
      },
    );
    expect([result.verdict, asked]).toEqual(["passed", ["POST /jobs/ {", `DELETE /jobs/${HEX_ID}/`]]);
    expect(result.notes.join()).toMatch(/POST \/jobs\/ answered 400 before it asked who is calling/);
  });
});

/** Made of what `edges` gives as chance. */
const HEX_ID = "01234567-89ab-4def-8123-456789abcdef";

describe("what cannot be answered", () => {
  const items = {
    [list]: reply(200, { items: [{ id: UUID, price: 3 }] }),
    [`/items/${UUID}/`]: reply(200, { id: UUID, price: 3 }),
  };

  test("an id that nobody has is refused as described, or fails", async () => {
    expect((await look(items)).verdict).toBe("passed");
    const page = reply(404, "Not found", { "content-type": "text/html" });
    expect(complaints(await look({ ...items, [`/items/${HEX_ID}/`]: page }))).toMatch(
      /404 with text\/html, and the schema says/,
    );
    const broken = await look({ ...items, [`/items/${HEX_ID}/`]: reply(500, {}) });
    expect(complaints(broken)).toMatch(/answered 500 .* to an id that nobody has/);
  });

  test("a value that the schema forbids is refused as described, or fails", async () => {
    const refusing =
      (status: number): Handler =>
      (request, response) =>
        (request.url!.includes("limit=") ? reply(status, problem(status), PROBLEM) : items[list]!)(
          request,
          response,
        );
    const limited = async (status: number) =>
      await look({ ...items, [list]: refusing(status) }, ({ paths }) => {
        const get = paths[list]!.get!;
        get.parameters = [{ name: "limit", in: "query", schema: { type: "integer" } }];
        const described = { description: "No", content: { "application/problem+json": {} } };
        get.responses = { ...(get.responses as object), 400: described };
      });
    expect((await limited(400)).verdict).toBe("passed");
    expect(complaints(await limited(422))).toMatch(/422 .* a status that the schema does not describe/);
    expect(complaints(await limited(500))).toMatch(/answered 500 .* to a value that the schema forbids/);
  });
});

describe("passes", () => {
  test("an item that was deleted since it was listed", async () => {
    let listed = 0;
    const listing: Handler = (request, response) => {
      listed += 1;
      reply(200, { items: listed === 1 ? [{ id: "a1", price: 3 }] : [] })(request, response);
    };
    const result = await look({ [list]: listing, "/items/a1/": reply(404, problem(404), PROBLEM) });
    expect([result.verdict, listed]).toEqual(["passed", 2]);
  });

  test("an operation that cannot be asked, and says so", async () => {
    const result = await look({ [list]: reply(200, { items: [] }) });
    expect([result.verdict, result.notes]).toEqual([
      "passed",
      ["Not sampled: GET /items/{id}/ (no example of id)."],
    ]);
  });

  test("what is not to be asked, and does not ask it", async () => {
    const url = await serve(healthy({ "/items/": reply(500, {}), "/orders/": reply(200, []) }));
    const shy = openapi("/openapi.json", { unsampled: [list, "/orders/"] });
    const { verdict, reason } = await runCheck(shy, url);
    expect([verdict, reason]).toEqual(["passed", expect.stringMatching(/; 0 sampled, 0 refused/)]);
  });

  test("an example of the document's own, where there is one", async () => {
    const result = await look({ [list]: reply(200, { items: [] }) }, ({ paths }) => {
      const { get } = paths[one]!;
      get!.parameters = [{ ...(get!.parameters as object[])[0], example: "a1" }];
    });
    expect([result.verdict, result.reason]).toEqual(["passed", expect.stringMatching(/; 2 sampled/)]);
  });

  test("null and exclusive limits as OpenAPI 3.0 writes them, and what is only ever written", async () => {
    const item = {
      type: "object",
      required: ["id", "secret"],
      properties: {
        id: { type: "string", nullable: true },
        price: { type: "integer", minimum: 2, exclusiveMinimum: true },
        secret: { type: "string", writeOnly: true },
      },
    };
    const of = (price: number) =>
      look({ [list]: reply(200, { items: [{ id: null, price }] }) }, (document) => {
        document.openapi = "3.0.3";
        document.components.schemas.Item = item;
      });
    expect(complaints(await of(3))).toBe("");
    expect(complaints(await of(2))).toMatch(/\/items\/0\/price must be > 2/);
  });
});
