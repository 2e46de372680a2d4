import type { Check, CheckContext, CommonCheckOptions, Verdict } from "../check.ts";
import { Findings } from "../findings.ts";
import { list, quote } from "../text.ts";
import { type JourneyStep, type NamedStep, type Saved, type Saves, stepOption, takeStep } from "./step.ts";

/** A request, or a function that makes it of what earlier steps saved. */
type Define<Known, Save extends Saves> = JourneyStep<Save> | ((saved: Known) => JourneyStep<Save>);

/** The beginning of a journey, which is no check yet: without a step it would see nothing. */
export interface JourneyStart<Known = object> {
  /**
   * Adds a step. When it fails, or cannot tell, the steps after it are not tried.
   *
   * @param name what is done, for the report
   * @param define the request; a function of what earlier steps saved where it needs any of that
   */
  step<const Save extends Saves = Record<never, never>>(
    name: string,
    define: Define<Known, Save>,
  ): Journey<Known & { readonly [Key in keyof Save]: string }>;
}

/** Steps of a journey, and the check that takes them. */
export interface Journey<Known = object> extends JourneyStart<Known>, Check {
  /**
   * Adds a step that takes away what the others made. It is taken after all others and whatever became of them, unless
   * a value that it needs was never saved: then there is nothing to take away.
   */
  cleanup(name: string, define: Define<Known, Saves>): Journey<Known>;
}

/** Part of the check's time that the steps may use; the rest is for cleaning up. */
const SHARE = 0.8;

/**
 * Steps that pass values on, as a user would take them: log in, create a course, read it, delete it.
 *
 * Each step is a request with its expectations, and may save values of the answer. Later steps get them with their
 * types: a name that no step saved does not compile. Secrets are named, not written; credentials that an answer gave
 * and a later step sends are kept out of the report as well.
 *
 * @throws {SeakeepError} `SK-CHECK-005` and `-008` when a step's request or expectation makes no sense; of one that is made
 * by a function at run time.
 * @example
 * journey({ name: "author" })
 *   .step("log in", {
 *     method: "POST",
 *     path: "/api/v1/auth/login/",
 *     json: { email: "demo@example.org", password: secret("DEMO_PASSWORD") },
 *     save: { token: "/access_token" },
 *   })
 *   .step("create", ({ token }) => ({
 *     ...{ method: "POST", path: "/api/v1/courses/", bearer: token },
 *     ...{ json: { title: "Knots", level: "beginner" }, expect: { status: 201 }, save: { id: "/id" } },
 *   }))
 *   .cleanup("delete", ({ token, id }) => ({
 *     ...{ method: "DELETE", path: `/api/v1/courses/${id}/`, bearer: token, expect: { status: 204 } },
 *   }));
 */
export function journey(options: CommonCheckOptions = {}): JourneyStart {
  const { step } = build(options.name ?? "journey", []);
  return { step };
}

function build(name: string, steps: readonly NamedStep[]): Journey {
  const add = (step: string, define: Define<never, Saves>, cleanup: boolean): Journey => {
    const made = typeof define === "function" ? (define as NamedStep["define"]) : () => define;
    if (typeof define !== "function") stepOption(step, define);
    return build(name, [...steps, { name: step, cleanup, define: made }]);
  };
  return {
    kind: "journey",
    name,
    run: (context) => travel(steps, context),
    step: ((step: string, define: Define<never, Saves>) => add(step, define, false)) as Journey["step"],
    cleanup: (step, define) => add(step, define, true),
  };
}

async function travel(steps: readonly NamedStep[], context: CheckContext): Promise<Verdict> {
  const findings = new Findings();
  const reserve = context.timeLeft() * (1 - SHARE);
  const untried: string[] = [];
  let saved: Saved = {};
  let stopped = false;
  let broken: { readonly error: unknown } | undefined;
  for (const step of steps.filter(({ cleanup }) => !cleanup)) {
    if (stopped) {
      untried.push(step.name);
      continue;
    }
    try {
      const end = await takeStep(step, saved, context.timeLeft() - reserve, context, findings);
      saved = { ...saved, ...end.saved };
      stopped = !end.done;
    } catch (error) {
      // A mistake in the configuration: told when what was made is taken away.
      broken = { error };
      stopped = true;
    }
  }
  for (const step of steps.filter(({ cleanup }) => cleanup)) {
    const { unneeded } = await takeStep(step, saved, context.timeLeft(), context, findings);
    if (unneeded !== undefined)
      findings.note(`Nothing to ${quote(step.name)}: ${quote(unneeded)} was never saved.`);
  }
  if (broken !== undefined) throw broken.error;
  if (untried.length > 0) findings.note(`Not tried: ${list(untried.map(quote), 10)}.`);
  const taken = list(
    steps.map(({ name }) => quote(name)),
    10,
  );
  return findings.conclude(
    steps.length === 1 ? `The step ${taken} passed.` : `${steps.length} steps passed: ${taken}.`,
  );
}
