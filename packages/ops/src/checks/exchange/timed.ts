import { milliseconds } from "@seakeep/contract";
import type { Findings } from "../findings.ts";
import type { Answer, CheckRequest, Outcome, Send } from "../http.ts";
import type { HttpExpectation } from "./expectation.ts";

/** Whether an answer came in time; `unclear` when this process was at work itself while it may have come. */
export function punctuality(
  { durationMs, busyMs }: Answer,
  { within }: HttpExpectation,
): "in time" | "late" | "unclear" {
  const limit = within === undefined ? Infinity : milliseconds(within)!;
  if (durationMs <= limit) return "in time";
  return durationMs - busyMs > limit ? "late" : "unclear";
}

/** Other checks of the run hold this process up for a moment at most. */
const MOST_REPEATS = 4;

/** Sends a request; and again where it was not heard when the answer came, and asking twice does no harm. */
export async function sendTimed(
  send: Send,
  request: CheckRequest,
  expected: HttpExpectation,
  findings: Findings,
): Promise<Outcome> {
  const { method = "GET" } = request;
  let outcome = await send(request);
  if (method !== "GET" && method !== "HEAD") return outcome;
  let repeats = 0;
  while (outcome.kind === "answer" && punctuality(outcome, expected) === "unclear") {
    if (repeats === MOST_REPEATS) break;
    repeats += 1;
    outcome = await send(request);
  }
  if (repeats > 0) {
    const times = repeats === 1 ? "once more" : `${repeats} times more`;
    findings.note(`Asked ${times}: this machine was too busy to hear when the answer came.`);
  }
  return outcome;
}
