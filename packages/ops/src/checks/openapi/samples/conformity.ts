import { asObject, describe, parseJson } from "../../content.ts";
import { type Judge, schemaCompiler } from "../../exchange/schema.ts";
import type { Findings } from "../../findings.ts";
import type { Answer } from "../../http.ts";
import { list, printable } from "../../text.ts";
import type { Document } from "../document.ts";
import type { Operation } from "../operations.ts";
import { follow } from "../references.ts";
import { DOCUMENT_ID, translated } from "./dialect.ts";

/** Holds an answer against what the document says that an operation answers; `request` begins the sentences. */
export type Conform = (answer: Answer, operation: Operation, request: string) => void;

const NAME_PARTS = "Name its parts, and refer to them.";

const FIX = "Mend the answer or what it is described as: generated clients believe the description.";

/** Prepares to hold answers against a document. What departs from it is a failure. Nothing, and a finding, when it
 * cannot be read. */
export async function conformity(document: Document, findings: Findings): Promise<Conform | undefined> {
  let own: Document;
  let compile: (schema: object) => Judge;
  try {
    own = translated(document);
    compile = await schemaCompiler({ validateSchema: false, document: { id: DOCUMENT_ID, content: own } });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    findings.unsure("The schema is nested too deeply to hold answers against it.", NAME_PARTS);
    return undefined;
  }
  return (answer, operation, request) => {
    const response = responseFor(own, operation, answer.status);
    if (response === undefined) {
      findings.fail(
        `${request} answered ${describe(answer)}, a status that the schema does not describe.`,
        FIX,
      );
      return;
    }
    judgeHeaders(answer, own, response, request, findings);
    judgeContent(answer, { response, request, compile }, findings);
  };
}

function responseFor(own: Document, { method, path }: Operation, status: number): Document | undefined {
  const item = asObject(resolve(own, asObject(own.paths)?.[path]));
  const responses = asObject(asObject(item?.[method.toLowerCase()])?.responses);
  const keys = [String(status), `${Math.floor(status / 100)}XX`, `${Math.floor(status / 100)}xx`, "default"];
  const key = keys.find((one) => responses !== undefined && Object.hasOwn(responses, one));
  return key === undefined ? undefined : asObject(resolve(own, responses?.[key]));
}

/** References were given the document's name for the validator; here they are followed without it. */
function resolve(own: Document, value: unknown): unknown {
  const ref = asObject(value)?.$ref;
  if (typeof ref !== "string" || !ref.startsWith(DOCUMENT_ID)) return value;
  const target = follow(own, { $ref: ref.slice(DOCUMENT_ID.length) });
  return target === value ? undefined : target;
}

function judgeHeaders(
  answer: Answer,
  own: Document,
  response: Document,
  request: string,
  findings: Findings,
): void {
  for (const [name, written] of Object.entries(asObject(response.headers) ?? {})) {
    if (asObject(resolve(own, written))?.required !== true || answer.header(name) !== undefined) continue;
    findings.fail(
      `${request} answered without ${printable(name)}, which the schema says is always there.`,
      FIX,
    );
  }
}

interface Against {
  readonly response: Document;
  readonly request: string;
  readonly compile: (schema: object) => Judge;
}

function judgeContent(answer: Answer, { response, request, compile }: Against, findings: Findings): void {
  const content = Object.entries(asObject(response.content) ?? {});
  if (content.length === 0) return;
  const type = content.find(([written]) => covers(written, answer.mediaType));
  if (type === undefined) {
    const types = list(content.map(([written]) => printable(written)));
    findings.fail(`${request} answered ${describe(answer)}, and the schema says ${types}.`, FIX);
    return;
  }
  const isJson = /[/+]json$/.test(answer.mediaType);
  const schema = asObject(type[1])?.schema;
  if (!isJson || schema === undefined) return;
  const parsed = parseJson(answer.text ?? "");
  if (parsed === undefined) {
    const fix = "Look for an answer that was cut, or a page in its place.";
    findings.fail(`${request} answered ${answer.status} with a body that is not JSON.`, fix);
    return;
  }
  const faults = faultsOf(parsed.value, schema as object, { request, compile }, findings);
  for (const fault of faults) {
    findings.fail(
      `${request} answered ${answer.status} with another body than the schema says: ${fault}.`,
      FIX,
    );
  }
}

function faultsOf(
  value: unknown,
  schema: object,
  { request, compile }: Pick<Against, "request" | "compile">,
  findings: Findings,
): readonly string[] {
  try {
    const faults = compile(schema)(value);
    if (faults !== undefined) return faults;
    const fix = "Look for a pattern in the schema that backtracks.";
    findings.unsure(`What ${request} answered takes too long to be held against its schema.`, fix);
  } catch (error) {
    if (error instanceof RangeError) {
      findings.unsure(`What ${request} answered goes too deep to be held against its schema.`, NAME_PARTS);
      return [];
    }
    const what = printable((error as Error).message.replaceAll(DOCUMENT_ID, ""));
    // What another document would say cannot be known; that it was not followed is said already.
    if (/can't resolve reference (?!#)/.test(what)) {
      findings.note(`${request} was not held against its schema: ${what}.`);
    } else {
      findings.fail(`What the schema says that ${request} answers is no JSON Schema: ${what}.`, FIX);
    }
  }
  return [];
}

/** A media type of the document covers one that came: `application/*`, or the same but for parameters and case. */
function covers(written: string, came: string): boolean {
  const [type = ""] = written.toLowerCase().split(";");
  const pattern = type.trim();
  return (
    pattern === came || pattern === "*/*" || (pattern.endsWith("/*") && came.startsWith(pattern.slice(0, -1)))
  );
}
