import type { CheckContext } from "../../check.ts";
import { describe, isRedirect, parseJson } from "../../content.ts";
import type { Findings } from "../../findings.ts";
import type { Answer } from "../../http.ts";
import { list, printable } from "../../text.ts";
import type { Document } from "../document.ts";
import type { Operation } from "../operations.ts";
import { serverPaths } from "../routes.ts";
import { type Conform, conformity } from "./conformity.ts";
import { harmless, judgeProtected } from "./protected.ts";
import { exampleOf, learnedFrom, nobodys, refusable } from "./values.ts";

/** Operations that are read, and operations that must refuse: a smoke test, not a test suite. */
const MOST_READ = 8;
const MOST_REFUSED = 4;

/** What one sample needs of all others. */
export interface Sampling {
  readonly document: Document;
  /** What is put before every path: that of the server that the document names. */
  readonly prefix: string;
  readonly context: CheckContext;
  readonly conform: Conform;
  readonly findings: Findings;
}

/**
 * Asks some operations what they say they answer, and holds the answers against it. Only GET is asked where something
 * could come of it; what needs credentials is asked without any.
 *
 * @param apart paths that were asked before, such as the schema's own
 */
export async function judgeSamples(
  document: Document,
  operations: readonly Operation[],
  apart: readonly string[],
  context: CheckContext,
  findings: Findings,
): Promise<string> {
  const conform = await conformity(document, findings);
  if (conform === undefined) return "";
  const [, named = ""] = serverPaths(document);
  const prefix = context.url.pathname.replace(/\/$/, "").endsWith(named) ? "" : named;
  const sampling = { document, prefix, context, conform, findings };
  const open = operations.filter(({ method, path, isProtected }) => {
    return method === "GET" && !isProtected && !apart.includes(prefix + path);
  });
  // Lists before what is in them.
  const ordered = open.toSorted((a, b) => a.parameters.size - b.parameters.size).slice(0, MOST_READ);
  const seen: Seen = { learned: new Map(), skipped: [], asked: 0 };
  for (const operation of ordered) await read(operation, seen, sampling);
  const closed = operations.filter(
    (operation) => operation.isProtected && harmless(operation, sampling) !== undefined,
  );
  let refused = 0;
  for (const operation of closed.slice(0, MOST_REFUSED)) {
    refused += Number(await judgeProtected(operation, sampling));
  }
  if (seen.skipped.length > 0) findings.note(`Not sampled: ${list(seen.skipped)}.`);
  return `${seen.asked} sampled, ${refused} refused without credentials`;
}

interface Seen {
  /** Ids by the path that lists them. */
  readonly learned: Map<string, unknown>;
  readonly skipped: string[];
  asked: number;
}

async function read(operation: Operation, seen: Seen, sampling: Sampling): Promise<void> {
  const { document, prefix, context, conform, findings } = sampling;
  const filled = fill(operation, seen, sampling);
  if ("missing" in filled) {
    seen.skipped.push(`GET ${printable(operation.path)} (no example of ${printable(filled.missing)})`);
    return;
  }
  const path = prefix + filled.path;
  const request = `GET ${printable(path)}`;
  const answer = await ask(path, "as the schema says", sampling);
  if (answer === undefined) return;
  seen.asked += 1;
  if (filled.example && answer.status === 404) {
    findings.note(`${request}: the schema's own example is not there.`);
  } else if (answer.status < 200 || answer.status > 299) {
    if (filled.from !== undefined && answer.status === 404 && !(await isStillListed(filled.from, sampling)))
      return;
    const fix = "Look in the service's log; or describe what the operation needs to be asked.";
    findings.fail(`${request} answered ${describe(answer)} to what the schema says is enough.`, fix);
    return;
  }
  conform(answer, operation, request);
  if (operation.parameters.size === 0) seen.learned.set(operation.path, parseJson(answer.text ?? "")?.value);
  const strange = filled.from && nobodys(filled.from.id, context.random());
  if (strange !== undefined && filled.from !== undefined) {
    const missing = prefix + filled.path.replace(encodeURIComponent(filled.from.id), strange);
    await judgeError(missing, "an id that nobody has", operation, sampling);
  }
  const parameter = refusable(document, operation);
  if (parameter !== undefined) {
    const [bare = ""] = path.split("?");
    await judgeError(
      `${bare}?${encodeURIComponent(parameter)}=seakeep-check`,
      "a value that the schema forbids",
      operation,
      sampling,
    );
  }
}

interface Filled {
  readonly path: string;
  /** An example of the document was used. */
  readonly example: boolean;
  /** The id that was used, and the list that it is from. */
  readonly from?: { readonly id: string; readonly list: string; readonly name: string };
}

/** The path and query of an operation with a value for all that it needs. */
function fill(
  { path, allParameters }: Operation,
  { learned }: Seen,
  { document }: Sampling,
): Filled | { readonly missing: string } {
  let filled = path;
  let from: Filled["from"];
  let example = false;
  const query: string[] = [];
  for (const parameter of allParameters) {
    const name = String(parameter.name);
    const place = `{${name}}`;
    const isPath = parameter.in === "path" && path.includes(place);
    if (!isPath && parameter.required !== true) continue;
    const above = path.slice(0, path.indexOf(place));
    const id = isPath
      ? learnedFrom(learned.get(above) ?? learned.get(above.replace(/\/$/, "")), name)
      : undefined;
    const value = id ?? exampleOf(document, parameter);
    if (value === undefined || (!isPath && parameter.in !== "query")) return { missing: name };
    if (id === undefined) example = true;
    else from = { id, list: learned.has(above) ? above : above.replace(/\/$/, ""), name };
    if (isPath) filled = filled.replace(place, encodeURIComponent(value));
    else query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  const whole = query.length === 0 ? filled : `${filled}?${query.join("&")}`;
  return { path: whole, example, ...(from === undefined ? {} : { from }) };
}

/** What was listed a moment ago may have been deleted since. */
async function isStillListed(from: NonNullable<Filled["from"]>, sampling: Sampling): Promise<boolean> {
  const answer = await ask(sampling.prefix + from.list, "to see whether it is still there", sampling);
  return JSON.stringify(parseJson(answer?.text ?? "")?.value ?? "").includes(JSON.stringify(from.id));
}

/** What cannot be answered must be refused as described, and is no fault of the service. */
async function judgeError(
  path: string,
  what: string,
  operation: Operation,
  sampling: Sampling,
): Promise<void> {
  const { conform, findings } = sampling;
  const request = `GET ${printable(path)}`;
  const answer = await ask(path, `with ${what}`, sampling);
  if (answer === undefined) return;
  if (answer.status >= 500) {
    const fix = "Refuse it with a status from 400 to 499: it is the caller's mistake.";
    findings.fail(`${request} answered ${describe(answer)} to ${what}.`, fix);
  } else if (answer.status < 400) {
    findings.note(`${request} answered ${answer.status} to ${what}.`);
  } else {
    conform(answer, operation, request);
  }
}

/** Asks as a client of the API would; a redirect is a failure wherever it is met. */
async function ask(path: string, as: string, { context, findings }: Sampling): Promise<Answer | undefined> {
  const headers = { accept: "application/json, application/problem+json, */*;q=0.5" };
  const answer = findings.answer(await context.send({ path, headers, as }));
  if (answer === undefined || !isRedirect(answer)) return answer;
  const fix = "Describe the address that answers, and answer there.";
  findings.fail(`GET ${printable(path)} answered ${describe(answer)}.`, fix);
  return undefined;
}
