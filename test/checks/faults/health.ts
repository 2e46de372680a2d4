import { setTimeout as delay } from "node:timers/promises";
import { answer, at, HEALTH, HTML, headers, json, PAGE, PROBLEM, text, wire } from "../change.ts";
import { type Fault, problem, type Row, table } from "./fault.ts";

const ROWS: readonly Row[] = [
  ["health answers 500", () => at(HEALTH, answer(500, {}))],
  [
    "health answers 503: its database is gone",
    () => at(HEALTH, answer(503, { status: "down", checks: { database: "down" } })),
  ],
  ["health lies: 200 and the word down", () => at(HEALTH, answer(200, "down"))],
  [
    "health lies: 200 and status down",
    () =>
      at(
        HEALTH,
        json((body) => (body.status = "down")),
      ),
  ],
  [
    "health lies: up while its database is down",
    () =>
      at(
        HEALTH,
        json((body) => (body.checks.database = "down")),
      ),
  ],
  [
    "health lies: ok false, deep inside",
    () =>
      at(
        HEALTH,
        json((body) => (body.parts = [{ queue: { ok: false } }])),
      ),
  ],
  ["health is a page", () => at(HEALTH, answer(200, PAGE, HTML))],
  [
    "health is a page that calls itself JSON",
    () => at(HEALTH, answer(200, PAGE, { "content-type": "application/json" })),
  ],
  ["health redirects to a login", () => at(HEALTH, answer(302, "", { location: "/login" }))],
  ["health is not there", () => at(HEALTH, answer(404, problem(), PROBLEM))],
  ["health is refused", () => at(HEALTH, answer(401, problem({ status: 401 }), PROBLEM))],
  ["health has nothing to say", () => at(HEALTH, answer(204))],
  [
    "health is cut in the middle of its JSON",
    () =>
      at(
        HEALTH,
        text((body) => body.slice(0, -4)),
      ),
  ],
  [
    "health breaks off before its length",
    () =>
      at(
        HEALTH,
        wire((head, body) => `${head}content-length: ${body.length + 40}\r\n\r\n${body}`),
      ),
  ],
  ["health says it is compressed, and is not", () => at(HEALTH, headers({ "content-encoding": "gzip" }))],
  [
    "health is bytes and not text",
    () =>
      at(HEALTH, answer(200, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { "content-type": "application/json" })),
  ],
  ["health has headers without end", () => at(HEALTH, headers({ "x-long": "x".repeat(20_000) }))],
  [
    "health comes from a cache, ten minutes old",
    () => at(HEALTH, headers({ age: "600" })),
    { verdict: "unknown" },
  ],
  [
    "health is still starting",
    () =>
      at(
        HEALTH,
        json((body) => (body.status = "starting")),
      ),
    { verdict: "unknown" },
  ],
  [
    "health never answers",
    () =>
      at(
        HEALTH,
        wire(() => "", false),
      ),
    { verdict: "unknown" },
  ],
  [
    "health hangs up",
    () =>
      at(
        HEALTH,
        wire(() => ""),
      ),
    { verdict: "unknown" },
  ],
  ["health is slower than the check has time", () => at(HEALTH, () => delay(15_000)), { verdict: "unknown" }],
];

/** What can be wrong with what a service says of its health. */
export const HEALTH_FAULTS: readonly Fault[] = table("health", ROWS);
