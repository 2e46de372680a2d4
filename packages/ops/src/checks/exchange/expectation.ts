import { type Duration, formatDuration, milliseconds, SeakeepError } from "@seakeep/contract";
import { describe, parseJson } from "../content.ts";
import type { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { list, printable, quote } from "../text.ts";
import { pointerOption, valueAt } from "./pointer.ts";
import { schemaCompiler } from "./schema.ts";
import { punctuality } from "./timed.ts";

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What an answer must be like. What is not said is not demanded, but for the status. */
export interface HttpExpectation {
  /** The status code, or those that will do; default: any from 200 to 299. */
  readonly status?: number | readonly number[];
  /** Headers by name: the value, a pattern for it, or `false` for one that must not be there. */
  readonly headers?: Readonly<Record<string, string | RegExp | false>>;
  /** JSON Schema (2020-12) of the body. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Values in the JSON body by their JSON Pointer: `{ "/items/0/level": "beginner" }`. */
  readonly json?: Readonly<Record<string, Json>>;
  /** What the body must hold, or match. */
  readonly text?: string | RegExp;
  /** Longest time from the request to the last byte. */
  readonly within?: Duration;
  /** Largest body, bytes, decompressed. */
  readonly maxBytes?: number;
}

/**
 * An expectation as written in a configuration.
 *
 * @throws {SeakeepError} `SK-CHECK-008` for what could never be met, or always.
 */
export function expectationOption(where: string, expectation: HttpExpectation): HttpExpectation {
  const refuse = (what: string, fix: string) =>
    new SeakeepError("SK-CHECK-008", `${where} ${what}.`, { fix });
  const { json = {}, within, maxBytes } = expectation;
  for (const pointer of Object.keys(json)) pointerOption(where, pointer);
  for (const status of statuses(expectation) ?? []) {
    if (Number.isInteger(status) && status >= 200 && status <= 599) continue;
    throw refuse(`expects ${status} as a status`, "Write a code from 200 to 599.");
  }
  if (statuses(expectation)?.length === 0)
    throw refuse("expects no status at all", "Name one, or leave it out.");
  if (within !== undefined && !(milliseconds(within) ?? 0)) {
    throw refuse(`has ${JSON.stringify(within)} as a time`, 'Write a duration such as "500ms".');
  }
  if (maxBytes !== undefined && !(Number.isInteger(maxBytes) && maxBytes >= 0)) {
    throw refuse(`has ${maxBytes} as a number of bytes`, "Write a whole number.");
  }
  return expectation;
}

/** Holds an answer against what was expected of it; what departs is a failure. `request` begins the sentences. */
export async function judgeAnswer(
  answer: Answer,
  request: string,
  expected: HttpExpectation,
  findings: Findings,
): Promise<void> {
  const fail = (what: string, fix: string) => findings.fail(`${request} answered ${what}.`, fix);
  const wanted = statuses(expected);
  const statusIsRight = wanted?.includes(answer.status) ?? (answer.status >= 200 && answer.status < 300);
  if (!statusIsRight) {
    const right = wanted === undefined ? "2xx" : list(wanted.map(String));
    return fail(`${describe(answer)}, not ${right}`, "Look in the service's log for this request.");
  }
  judgeHeaders(answer, expected, fail);
  const { text, within, maxBytes } = expected;
  if (text !== undefined && !holds(answer.text ?? "", text)) {
    const what =
      typeof text === "string"
        ? `text that does not hold ${quote(text)}`
        : `text that does not match ${text}`;
    fail(what, "Look at what it sends, or correct what the check expects.");
  }
  if (maxBytes !== undefined && answer.bytes > maxBytes) {
    fail(
      `${answer.bytes} bytes, more than the ${maxBytes} allowed`,
      "Send less, such as one page of a list.",
    );
  }
  const took = formatDuration(Math.round(answer.durationMs));
  const punctual = punctuality(answer, expected);
  if (punctual === "late") fail(`after ${took}, later than ${within}`, "Find out what it waits for.");
  if (punctual === "unclear") {
    findings.unsure(
      `${request} answered within ${took}, and this machine was too busy to hear whether within ${within}.`,
      "Check from a machine that has time to listen; --attempts tries again.",
    );
  }
  await judgeBody(answer, request, expected, findings);
}

type Fail = (what: string, fix: string) => void;

function statuses({ status }: HttpExpectation): readonly number[] | undefined {
  if (status === undefined) return undefined;
  return typeof status === "number" ? [status] : status;
}

function judgeHeaders(answer: Answer, { headers = {} }: HttpExpectation, fail: Fail): void {
  for (const [name, wanted] of Object.entries(headers)) {
    const got = answer.header(name);
    const shown = got === undefined ? `no ${name}` : `${name}: ${quote(got)}`;
    if (wanted === false && got !== undefined) fail(`with ${shown}`, "Send it without this header.");
    if (wanted === false || (got !== undefined && matches(got, wanted))) continue;
    fail(
      `with ${shown}, not ${typeof wanted === "string" ? quote(wanted) : String(wanted)}`,
      "Send that header.",
    );
  }
}

function matches(got: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? got === wanted : new RegExp(wanted).test(got);
}

function holds(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? text.includes(wanted) : new RegExp(wanted).test(text);
}

async function judgeBody(
  answer: Answer,
  request: string,
  { json, schema }: HttpExpectation,
  findings: Findings,
): Promise<void> {
  if (json === undefined && schema === undefined) return;
  const fail = (what: string, fix: string) => findings.fail(`${request} answered ${what}.`, fix);
  const parsed = parseJson(answer.text ?? "");
  if (parsed === undefined) {
    fail("a body that is not JSON", "Look for an answer that was cut, or a page in its place.");
    return;
  }
  for (const [pointer, wanted] of Object.entries(json ?? {})) {
    const got = valueAt(parsed.value, pointer);
    if (canonical(got) === canonical(wanted)) continue;
    const shown = got === undefined ? "nothing" : printable(JSON.stringify(got));
    const place = pointer === "" ? "as its body" : `at ${printable(pointer)}`;
    fail(
      `${shown} ${place}, not ${printable(JSON.stringify(wanted))}`,
      "Mend it, or what the check expects.",
    );
  }
  if (schema === undefined) return;
  const faults = await faultsOf(parsed.value, schema);
  if (faults === undefined) {
    const fix = "Look for a pattern in the schema that backtracks.";
    findings.unsure(`What ${request} answered takes too long to be held against its schema.`, fix);
  }
  for (const fault of faults ?? []) {
    fail(`a body of another shape: ${fault}`, "Mend the answer, or the schema that the check holds it to.");
  }
}

async function faultsOf(
  value: unknown,
  schema: Readonly<Record<string, unknown>>,
): Promise<readonly string[] | undefined> {
  const compile = await schemaCompiler();
  try {
    return compile(schema)(value);
  } catch (cause) {
    const what = `An expected schema is no JSON Schema: ${printable((cause as Error).message)}.`;
    throw new SeakeepError("SK-CHECK-008", what, { cause });
  }
}

/** JSON with the keys of objects in order, to compare by. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "nothing"
  );
}
