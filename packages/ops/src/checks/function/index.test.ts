import assert from "node:assert/strict";
import { expect, test } from "vitest";
import { conforms } from "../../../test/conformance.ts";
import { complaints, runCheck } from "../../../test/run-check.ts";
import { nobody, reply, serve } from "../../../test/server.ts";
import { secret } from "../../config/values.ts";
import { parseJson } from "../content.ts";
import { check } from "./index.ts";

conforms(() =>
  check("own", async ({ send, secret: read }, findings) => {
    const bearer = await read(secret("METRICS_TOKEN"));
    const answer = findings.answer(await send({ path: "/own", bearer: bearer! }));
    if (answer !== undefined && (answer.status !== 200 || parseJson(answer.text ?? "") === undefined)) {
      findings.fail("It did not answer JSON.", "Answer JSON.");
    }
    return "It answered.";
  }),
);

test("passes with the sentence that it answers", async () => {
  const url = await serve(reply(200, "User-agent: *"));
  const robots = check("robots", async ({ send }, findings) => {
    const answer = findings.answer(await send({ path: "/robots.txt" }));
    assert.equal(answer?.status, 200);
    return "GET /robots.txt answered 200.";
  });
  const result = await runCheck(robots, url);
  expect([result.name, result.kind, result.verdict, result.reason]).toEqual([
    "robots",
    "function",
    "passed",
    "GET /robots.txt answered 200.",
  ]);
});

test("an assertion that does not hold is a failure, any other error says nothing of the service", async () => {
  const url = await nobody();
  const failed = await runCheck(
    check("own", () => assert.fail("two is not three\nmore")),
    url,
  );
  expect([failed.verdict, complaints(failed)]).toEqual(["failed", "It does not hold: two is not three."]);
  const broken = await runCheck(
    check("own", () => {
      throw new TypeError("no such thing");
    }),
    url,
  );
  expect([broken.verdict, broken.reason]).toEqual([
    "unknown",
    "The check itself broke: TypeError: no such thing.",
  ]);
});

test("one that says nothing of what it saw is no pass", async () => {
  const silent = check("own", (() => undefined) as never);
  expect((await runCheck(silent, await nobody())).verdict).toBe("unknown");
});
