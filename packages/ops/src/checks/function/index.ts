import type { Check, CheckContext, Verdict } from "../check.ts";
import { Findings } from "../findings.ts";
import { printable } from "../text.ts";
import { unknown } from "../time-limit.ts";

/**
 * Finds something out. It answers one sentence that says what was seen; what it holds against the service it says with
 * `findings.fail`, what it could not see with `findings.unsure`, and `findings.answer` turns what `send` gave into an
 * answer or a finding. An `AssertionError`, of node:assert or like it, is a failure.
 */
export type CheckFunction = (context: CheckContext, findings: Findings) => Promise<string> | string;

/**
 * A check that is a plain function.
 *
 * A function that comes to its end without a finding and without a sentence saw nothing as far as anybody can tell: that
 * is "unknown". So is any error but an assertion's, for it says more of the check than of the service.
 *
 * @param name unique in a run
 * @example
 * check("robots", async ({ send }, findings) => {
 *   const answer = findings.answer(await send({ path: "/robots.txt" }));
 *   if (answer?.status !== 200) findings.fail("There is no /robots.txt.", "Serve the file.");
 *   return "GET /robots.txt answered 200.";
 * });
 */
export function check(name: string, run: CheckFunction): Check {
  return {
    kind: "function",
    name,
    async run(context) {
      const findings = new Findings();
      const saw: unknown = await attempt(() => run(context, findings), findings);
      if (findings.empty && !(typeof saw === "string" && saw.trim() !== "")) return saidNothing(name);
      return findings.conclude(String(saw));
    },
  };
}

async function attempt(run: () => Promise<string> | string, findings: Findings): Promise<string | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error && error.name === "AssertionError")) throw error;
    const [first = ""] = error.message.split("\n");
    findings.fail(
      `It does not hold: ${printable(first).replace(/[.:]$/, "")}.`,
      "Look at what the check asserts.",
    );
    return undefined;
  }
}

function saidNothing(name: string): Verdict {
  return unknown(
    `The function of ${printable(name)} did not say what it saw.`,
    "Return one sentence that says so: what says nothing must not look like a pass.",
  );
}
