import type { SeakeepError } from "@seakeep/contract";
import type { CheckContext } from "../check.ts";
import { parseJson } from "../content.ts";
import { expectationOption, type HttpExpectation, judgeAnswer } from "../exchange/expectation.ts";
import { pointerOption, valueAt } from "../exchange/pointer.ts";
import { fillIn, type HttpRequest } from "../exchange/request.ts";
import { sendTimed } from "../exchange/timed.ts";
import { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { pathOption } from "../option.ts";
import { printable, quote } from "../text.ts";

/** Where a value is in an answer: a JSON Pointer into the body, or a header by its name. */
export type Source = string | { readonly header: string };

/** What a step keeps of its answer, by the name that later steps know it by. */
export type Saves = Readonly<Record<string, Source>>;

/** One request of a journey. */
export interface JourneyStep<Save extends Saves = Saves> extends HttpRequest {
  /** What the answer must be like; default: a status from 200 to 299. */
  readonly expect?: HttpExpectation;
  /** Values of the answer that later steps need, as texts. */
  readonly save?: Save;
}

/** What was saved so far. */
export type Saved = Readonly<Record<string, string>>;

/** A step with its name; `define` makes the request of what earlier steps saved. */
export interface NamedStep {
  readonly name: string;
  readonly cleanup: boolean;
  readonly define: (saved: Saved) => JourneyStep;
}

/** How a step ended. `unneeded`: a cleanup whose thing was never made. */
export interface StepEnd {
  readonly done: boolean;
  readonly unneeded?: string;
  readonly saved: Saved;
}

/** Takes one step: asks, holds the answer against what is expected, and keeps what later steps need. */
export async function takeStep(
  { name, cleanup, define }: NamedStep,
  saved: Saved,
  timeoutMs: number,
  context: CheckContext,
  findings: Findings,
): Promise<StepEnd> {
  const own = new Findings();
  const end = async (): Promise<StepEnd> => {
    let step: JourneyStep;
    try {
      step = define(strict(saved));
    } catch (error) {
      if (!(error instanceof MissingValue)) throw error;
      if (cleanup) return { done: false, unneeded: error.key, saved: {} };
      own.fail(`it needs ${quote(error.key)}, which no step saved`, "Save it in an earlier step.");
      return { done: false, saved: {} };
    }
    const answer = await ask(name, step, timeoutMs, context, own);
    const kept = answer === undefined || !own.empty ? {} : keep(answer, step.save ?? {}, own);
    return { done: own.empty, saved: kept };
  };
  const result = await end();
  findings.adopt(own, (reason) => `Step ${quote(name)}: ${reason.replace(/\.?$/, ".")}`);
  return result;
}

async function ask(
  name: string,
  step: JourneyStep,
  timeoutMs: number,
  context: CheckContext,
  own: Findings,
): Promise<Answer | undefined> {
  expectationsOption(name, step);
  const { expect = {} } = step;
  const filled = await sendable(step, context, own);
  if (filled === undefined) return undefined;
  if ("missing" in filled) {
    const { missing } = filled;
    own.unsure(`${missing} is not set here`, `Set ${missing}, or ${missing}_FILE to a file that holds it.`);
    return undefined;
  }
  const sent = await sendTimed(context.send, { ...filled, as: name, timeoutMs }, expect, own);
  const answer = own.answer(sent, expect.status);
  if (answer === undefined) return undefined;
  await judgeAnswer(answer, printable(`${step.method ?? "GET"} ${step.path}`), expect, own);
  return answer;
}

/** The request; or nothing, and a finding, when what an earlier answer gave makes none, such as a path with a space. */
async function sendable(
  step: JourneyStep,
  context: CheckContext,
  own: Findings,
): Promise<Awaited<ReturnType<typeof fillIn>> | undefined> {
  try {
    return await fillIn(step, context);
  } catch (error) {
    const { code, what } = error as Partial<SeakeepError>;
    if (code !== "SK-CHECK-005" && code !== "SK-CHECK-006") throw error;
    own.unsure(
      `its request cannot be sent: ${printable(what ?? "")}`,
      "Put what was saved through encodeURIComponent().",
    );
    return undefined;
  }
}

/**
 * A step as written in a configuration.
 *
 * @throws {SeakeepError} `SK-CHECK-005` for a path that is none, `SK-CHECK-008` for an expectation that makes no sense.
 */
export function stepOption(name: string, step: JourneyStep): void {
  pathOption(`Step ${quote(name)}`, step.path);
  expectationsOption(name, step);
}

function expectationsOption(name: string, { expect = {}, save = {} }: JourneyStep): void {
  expectationOption(`Step ${quote(name)}`, expect);
  for (const source of Object.values(save)) {
    if (typeof source === "string") pointerOption(`Step ${quote(name)}`, source);
  }
}

function keep(answer: Answer, save: Saves, own: Findings): Saved {
  const body = parseJson(answer.text ?? "")?.value;
  const found: Record<string, string> = {};
  for (const [key, source] of Object.entries(save)) {
    const value = typeof source === "string" ? valueAt(body, source) : answer.header(source.header);
    const isText = (typeof value === "string" && value !== "") || typeof value === "number";
    if (isText) found[key] = String(value);
    else
      own.fail(
        `its answer has no ${quote(key)} (${place(source)})`,
        "Send it, or correct where it is looked for.",
      );
  }
  return found;
}

function place(source: Source): string {
  return typeof source === "string"
    ? `at ${printable(source)} of the body`
    : `in the header ${source.header}`;
}

class MissingValue extends Error {
  readonly key: string;

  constructor(key: string) {
    super(key);
    this.key = key;
  }
}

/** "undefined" in a path would ask for something, and be answered. */
function strict(saved: Saved): Saved {
  return new Proxy(saved, {
    get(target, key) {
      if (typeof key !== "string" || Object.hasOwn(target, key)) return Reflect.get(target, key) as unknown;
      throw new MissingValue(key);
    },
  });
}
