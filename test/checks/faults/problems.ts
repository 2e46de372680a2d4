import { answer, at, HTML, headers, NOWHERE, PAGE, PROBLEM } from "../change.ts";
import { type Change, type Fault, problem, type Row, table, when } from "./fault.ts";

const nowhere = (change: Change) => () => at(NOWHERE, change);
const STACK =
  "Error: no such page\n    at handle (/srv/app/src/router.js:10:5)\n    at next (node:internal:1:1)";

const ROWS: readonly Row[] = [
  ["what is not there is a page with 200", nowhere(answer(200, PAGE, HTML))],
  ["what is not there is JSON with 200", nowhere(answer(200, { error: "not found" }))],
  ["what is not there redirects home", nowhere(answer(302, "", { location: "/" }))],
  ["what is not there is a page with 404", nowhere(answer(404, PAGE, HTML))],
  ["what is not there is plain text", nowhere(answer(404, "Not Found"))],
  ["what is not there is JSON of another kind", nowhere(answer(404, { error: "not found" }))],
  ["what is not there breaks the service", nowhere(answer(500, problem({ status: 500 }), PROBLEM))],
  ["what is not there is forbidden", nowhere(answer(403, problem({ status: 403 }), PROBLEM))],
  ["a problem has another status than its code", nowhere(answer(404, problem({ status: 400 }), PROBLEM))],
  ["a problem has a status that is text", nowhere(answer(404, problem({ status: "404" }), PROBLEM))],
  ["a problem says nothing", nowhere(answer(404, {}, PROBLEM))],
  ["a problem has a number as its title", nowhere(answer(404, problem({ title: 404 }), PROBLEM))],
  ["a problem is no JSON", nowhere(answer(404, "not found", PROBLEM))],
  ["a problem is a list", nowhere(answer(404, [problem()], PROBLEM))],
  ["a problem gives away a stack trace", nowhere(answer(404, problem({ detail: STACK }), PROBLEM))],
  [
    "a problem gives away a path",
    nowhere(answer(404, problem({ detail: "no such file: /srv/app/views/404.html" }), PROBLEM)),
  ],
  [
    "a problem gives away the database",
    nowhere(answer(404, problem({ detail: 'syntax error at or near "from"' }), PROBLEM)),
  ],
  ["answers name the framework", nowhere(headers({ "x-powered-by": "Express" }))],
  ["answers name the server's version", nowhere(headers({ server: "nginx/1.18.0" }))],
  [
    "a hostile request id comes back in the header",
    nowhere((exchange) => {
      exchange.headers["x-request-id"] = exchange.sent["x-request-id"];
    }),
  ],
  [
    "a hostile request id comes back in the body",
    nowhere((exchange) => {
      exchange.body = Buffer.from(
        JSON.stringify(problem({ detail: `No page for ${exchange.sent["x-request-id"]}.` })),
      );
    }),
  ],
  [
    "POST to what is not there breaks the service",
    nowhere(when(({ method }) => method === "POST", answer(500, {}))),
  ],
  [
    "a method that is not allowed breaks the service",
    () => ({ after: when(({ method }) => method === "PROPFIND", answer(500, {})) }),
  ],
  [
    "405 names no method",
    () => ({
      after: when(({ method }) => method === "PROPFIND", answer(405, problem({ status: 405 }), PROBLEM)),
    }),
  ],
  [
    "a malformed path breaks the service",
    () => ({ after: when(({ path }) => path.includes("%zz"), answer(500, STACK)) }),
  ],
  [
    "a malformed path gives away a stack trace",
    () => ({ after: when(({ path }) => path.includes("%zz"), answer(400, STACK)) }),
  ],
  [
    "answers carry no request id",
    () => ({ after: ({ headers }) => void delete headers["x-request-id"] }),
    { given: "the declaration" },
  ],
];

/** What can be wrong with how mistakes of a caller are answered. */
export const PROBLEM_FAULTS: readonly Fault[] = table("problem-shape", ROWS);
