import { expect, test } from "vitest";
import { jsonLog } from "./log.ts";

test("a line is one JSON object, with the stack of an error", () => {
  const lines: string[] = [];
  const log = jsonLog({ write: (line: string) => lines.push(line) });
  log.error(
    { request_id: "r1", error: Object.assign(new Error("broken\npipe"), { code: "EPIPE" }) },
    "request failed",
  );
  expect(lines).toEqual([expect.stringMatching(/^[^\n]+\n$/)]);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    level: "error",
    message: "request failed",
    request_id: "r1",
    error: { code: "EPIPE", message: "broken\npipe", stack: expect.stringContaining("log.test.ts") },
  });
});
