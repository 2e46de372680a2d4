import { answer, HTML, PAGE, PROBLEM, wire } from "../change.ts";
import { type Fault, oneInThree, problem, type Row, table } from "./fault.ts";

const ROWS: readonly Row[] = [
  ["one request in three is answered 503", () => oneInThree(answer(503, problem({ status: 503 }), PROBLEM))],
  [
    "one connection in three is cut",
    () => oneInThree(wire((head, body) => `${head}content-length: ${body.length + 9}\r\n\r\n${body}`)),
  ],
  [
    "everything is a page of the proxy: 502",
    () => ({ after: answer(502, "<html><h1>502 Bad Gateway</h1></html>", HTML) }),
  ],
  ["everything is a maintenance page with 200", () => ({ after: answer(200, PAGE, HTML) })],
  [
    "everything redirects to https that is not there",
    () => ({ after: answer(301, "", { location: "https://127.0.0.1/" }) }),
  ],
  ["nothing is HTTP", () => ({ after: wire(() => "220 mail.example ESMTP\r\n") })],
  ["nothing is answered", () => ({ after: wire(() => "", false) }), { verdict: "unknown" }],
  [
    "everybody is limited",
    () => ({ after: answer(429, problem({ status: 429 }), PROBLEM) }),
    { verdict: "unknown" },
  ],
];

/** What can be wrong with everything at once. */
export const EVERYWHERE_FAULTS: readonly Fault[] = table("any", ROWS);
