import { setTimeout as delay } from "node:timers/promises";
import {
  answer,
  at,
  COURSE,
  COURSES,
  HTML,
  headers,
  json,
  PAGE,
  PROBLEM,
  SCHEMA,
  text,
  wire,
} from "../change.ts";
import { type Fault, isAnonymous, problem, type Row, table, when } from "./fault.ts";

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
type Anything = any;
const schema = (change: (document: Anything) => void) => () => at(SCHEMA, json(change));
const listing = (document: Anything) => document.paths[COURSES].get;
const course = (document: Anything) => document.components.schemas.Course;

const ROWS: readonly Row[] = [
  ["the schema is nowhere", () => at(SCHEMA, answer(404, problem(), PROBLEM)), { verdict: "unknown" }],
  [
    "the schema breaks off before its length",
    () =>
      at(
        SCHEMA,
        wire((head, body) => `${head}content-length: ${body.length + 9}\r\n\r\n${body}`),
      ),
  ],
  [
    "the schema is cut in the middle of its JSON",
    () =>
      at(
        SCHEMA,
        text((body) => body.slice(0, body.length / 2)),
      ),
  ],
  ["the schema comes as plain text", () => at(SCHEMA, headers({ "content-type": "text/plain" }))],
  [
    "the schema is Swagger 2",
    schema((document) => {
      delete document.openapi;
      document.swagger = "2.0";
    }),
  ],
  ["the schema has no title", schema((document) => delete document.info)],
  ["the schema describes nothing", schema((document) => (document.paths = {}))],
  [
    "the schema uses an operationId twice",
    schema((document) => (document.paths[COURSES].post.operationId = "listCourses")),
  ],
  ["the schema refers to what it lacks", schema((document) => delete document.components.schemas.Problem)],
  [
    "the schema forgets a path parameter",
    schema((document) => delete document.paths[`${COURSES}{id}/`].get.parameters),
  ],
  [
    "the schema asks for a security scheme it does not declare",
    schema((document) => delete document.components.securitySchemes),
  ],
  [
    "the schema lies about a type",
    schema((document) => (course(document).properties.title = { type: "integer" })),
  ],
  [
    "the schema lies about an inner type",
    schema(
      (document) =>
        (listing(document).responses[200].content["application/json"].schema.properties.next = {
          type: "integer",
        }),
    ),
  ],
  ["the schema demands what is not sent", schema((document) => course(document).required.push("price"))],
  [
    "the schema forbids what is sent",
    schema((document) => {
      delete course(document).properties.level;
      course(document).required = ["id"];
      course(document).additionalProperties = false;
    }),
  ],
  [
    "the schema lies about the values",
    schema((document) => (course(document).properties.level = { enum: ["novice"] })),
  ],
  ["the schema lies about a format", schema((document) => (course(document).properties.id.format = "email"))],
  [
    "the schema lies about a date",
    schema((document) => (course(document).properties.created_at.format = "date")),
  ],
  ["the schema lies about a length", schema((document) => (course(document).properties.title.maxLength = 3))],
  [
    "the schema says a list where there is an object",
    schema(
      (document) => (listing(document).responses[200].content["application/json"].schema = { type: "array" }),
    ),
  ],
  [
    "the schema lies about the media type",
    schema((document) => {
      const { content } = listing(document).responses[200];
      content["text/csv"] = content["application/json"];
      delete content["application/json"];
    }),
  ],
  [
    "the schema lies about the status",
    schema((document) => {
      listing(document).responses = { 201: listing(document).responses[200] };
    }),
  ],
  [
    "the schema promises a header that is not sent",
    schema(
      (document) =>
        (listing(document).responses[200].headers = {
          "x-total-count": { required: true, schema: { type: "integer" } },
        }),
    ),
  ],
  [
    "the schema describes an operation that is not served",
    schema((document) => {
      document.paths["/api/v1/teachers/"] = {
        get: { operationId: "teachers", responses: listing(document).responses },
      };
    }),
  ],
  ["the schema is no JSON Schema", schema((document) => (course(document).properties.title.type = "text"))],
  [
    "the schema leaves out a declared route",
    schema((document) => delete document.paths["/api/v1/upload/"]),
    { given: "the declaration" },
  ],
  [
    "a read that needs credentials does not ask for any",
    schema((document) => (listing(document).security = [{ bearer: [] }])),
  ],
  [
    "anybody may write",
    () =>
      at(
        COURSES,
        when(({ method, ...rest }) => method === "POST" && isAnonymous({ method, ...rest }), answer(201, {})),
      ),
  ],
  [
    "anybody may delete",
    () =>
      at(
        COURSE,
        when(({ method }) => method === "DELETE", answer(204)),
      ),
  ],
  [
    "writing breaks instead of asking for credentials",
    () =>
      at(
        COURSES,
        when(({ method }) => method === "POST", answer(500, {})),
      ),
  ],
  ["the list breaks", () => at(COURSES, answer(500, problem({ status: 500 }), PROBLEM))],
  ["the list is unavailable", () => at(COURSES, answer(503, problem({ status: 503 }), PROBLEM))],
  ["the list is a page", () => at(COURSES, answer(200, PAGE, HTML))],
  ["the list redirects to a login", () => at(COURSES, answer(307, "", { location: "/login" }))],
  ["the list asks for credentials", () => at(COURSES, answer(401, problem({ status: 401 }), PROBLEM))],
  [
    "the list is empty bytes",
    () =>
      at(
        COURSES,
        text(() => ""),
      ),
  ],
  ["the list comes as text", () => at(COURSES, headers({ "content-type": "text/plain" }))],
  [
    "the list is null",
    () =>
      at(
        COURSES,
        text(() => "null"),
      ),
  ],
  [
    "the list breaks off before its length",
    () =>
      at(
        COURSES,
        wire((head, body) => `${head}content-length: ${body.length + 9}\r\n\r\n${body}`),
      ),
  ],
  [
    "the list has more bytes than it says",
    () =>
      at(
        COURSES,
        wire((head, body) => `${head}content-length: 9\r\n\r\n${body}`),
      ),
  ],
  ["the list is compressed garbage", () => at(COURSES, headers({ "content-encoding": "br" }))],
  [
    "the list ends in the middle of a chunk",
    () =>
      at(
        COURSES,
        wire((head) => `${head}transfer-encoding: chunked\r\n\r\n40\r\n{"items":`),
      ),
  ],
  [
    "the list is slower than the check has time",
    () => at(COURSES, () => delay(15_000)),
    { verdict: "unknown" },
  ],
  ["a course that is listed is not there", () => at(COURSE, answer(404, problem(), PROBLEM))],
  ["a course breaks", () => at(COURSE, answer(500, {}))],
  [
    "a course that nobody has breaks the service",
    () =>
      at(
        COURSE,
        when(({ status }) => status === 404, answer(500, {})),
      ),
  ],
  [
    "a course that nobody has is refused as a page",
    () =>
      at(
        COURSE,
        when(({ status }) => status === 404, answer(404, PAGE, HTML)),
      ),
  ],
  [
    "a wrong parameter breaks the service",
    () =>
      at(
        COURSES,
        when(({ status }) => status === 400, answer(500, {})),
      ),
  ],
  [
    "a wrong parameter is refused as a page",
    () =>
      at(
        COURSES,
        when(({ status }) => status === 400, answer(400, PAGE, HTML)),
      ),
  ],
];

/** What can be wrong with the OpenAPI document, and with what it describes. */
export const SCHEMA_FAULTS: readonly Fault[] = table("openapi", ROWS);
