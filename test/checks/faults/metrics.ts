import { answer, at, HTML, headers, METRICS, PAGE, PROBLEM, text, wire } from "../change.ts";
import type { Exchange, Meddling } from "../proxy.ts";
import { type Fault, isAnonymous, problem, type Row, TOKEN, table, when } from "./fault.ts";

const isRight = ({ sent }: Exchange): boolean => sent.authorization === `Bearer ${TOKEN}`;

/** A proxy that sends a token of its own with each request. */
const asTold = (path: RegExp, token: string): Meddling => ({
  before: ({ sent, path: asked }) => {
    if (path.test(asked)) sent.authorization = `Bearer ${token}`;
  },
});

const ROWS: readonly Row[] = [
  ["the metrics are open to all", () => asTold(/^\/metrics/, TOKEN)],
  [
    "the metrics take any token",
    () => ({
      before: (exchange) => {
        if (!isAnonymous(exchange)) exchange.sent.authorization = `Bearer ${TOKEN}`;
      },
    }),
  ],
  ["the metrics refuse the right token", () => asTold(/^\/metrics/, "another")],
  [
    "the gate redirects to a login",
    () => at(METRICS, when(isAnonymous, answer(302, "", { location: "/login" }))),
  ],
  ["the gate answers a login page with 200", () => at(METRICS, when(isAnonymous, answer(200, PAGE, HTML)))],
  ["the gate answers 200 and nothing", () => at(METRICS, when(isAnonymous, answer(200)))],
  ["the gate breaks: 500 without credentials", () => at(METRICS, when(isAnonymous, answer(500, {})))],
  [
    "the gate refuses and sends the metrics all the same",
    () => at(METRICS, when(isAnonymous, answer(401, "# TYPE up gauge\nup 1\n"))),
  ],
  [
    "the metrics redirect the token to another origin",
    () => at(METRICS, when(isRight, answer(302, "", { location: "http://127.0.0.2:9/metrics" }))),
  ],
  ["the metrics are switched off", () => at(METRICS, answer(404, problem(), PROBLEM))],
  ["the metrics break", () => at(METRICS, when(isRight, answer(500, {})))],
  ["the metrics are a page", () => at(METRICS, when(isRight, answer(200, PAGE, HTML)))],
  ["the metrics come as HTML", () => at(METRICS, when(isRight, headers(HTML)))],
  [
    "the metrics come as JSON",
    () => at(METRICS, when(isRight, headers({ "content-type": "application/json" }))),
  ],
  [
    "the metrics have no media type",
    () =>
      at(
        METRICS,
        when(isRight, ({ headers }) => void delete headers["content-type"]),
      ),
  ],
  [
    "the metrics are empty",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text(() => ""),
        ),
      ),
  ],
  [
    "the metrics are nothing but comments",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/^[^#].*\n/gm, "")),
        ),
      ),
  ],
  [
    "the metrics have a malformed line",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => `${body}orders total 5 today\n`),
        ),
      ),
  ],
  [
    "the metrics have a series twice",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => `${body}process_start_time_seconds 1\n`),
        ),
      ),
  ],
  [
    "the metrics are cut in the middle of a line",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.slice(0, body.lastIndexOf("{") + 9)),
        ),
      ),
  ],
  [
    "the metrics break off before their length",
    () =>
      at(
        METRICS,
        when(
          isRight,
          wire((head, body) => `${head}content-length: ${body.length + 9}\r\n\r\n${body}`),
        ),
      ),
  ],
  [
    "the metrics are compressed garbage",
    () => at(METRICS, when(isRight, headers({ "content-encoding": "gzip" }))),
  ],
  [
    "a counter is NaN",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/^(http_requests_total\S+) .*$/m, "$1 NaN")),
        ),
      ),
  ],
  [
    "a counter is negative",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/^(http_requests_total\S+) .*$/m, "$1 -3")),
        ),
      ),
  ],
  [
    "a histogram counts less in a larger bucket",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/^(http_request_duration_seconds_bucket.*le="\+Inf"}) .*$/gm, "$1 0")),
        ),
      ),
  ],
  [
    "the service's own series are missing",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/^.*http_request.*\n/gm, "")),
        ),
      ),
    { given: "the declaration" },
  ],
  [
    "the metrics are of another service",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/service="courses-api"/g, 'service="billing"')),
        ),
      ),
    { given: "the declaration" },
  ],
  [
    "another declaration is deployed",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/declaration="\w+"/g, 'declaration="0123456789abcdef"')),
        ),
      ),
    { given: "the declaration" },
  ],
  [
    "a promised threshold is no bucket edge",
    () =>
      at(
        METRICS,
        when(
          isRight,
          text((body) => body.replace(/^.*le="0\.5".*\n/gm, "")),
        ),
      ),
    { given: "the declaration" },
  ],
];

/** What can be wrong with the metrics and with the gate before them. */
export const METRICS_FAULTS: readonly Fault[] = table("metrics-gate", ROWS);
