import { Lexer, parse } from "yaml";
import { asObject, describe, isHtml, isJson, isRedirect, parseJson } from "../content.ts";
import type { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";

/** An OpenAPI document, read and not yet judged. */
export type Document = Readonly<Record<string, unknown>>;

/** Media types of YAML (RFC 9512), its older names, and OpenAPI's own. */
const YAML_TYPES = /^(application|text)\/(x-)?yaml$|^application\/(vnd\.oai\.openapi|.*\+yaml)$/;

/** YAML is read a hundred times slower than JSON, and each alias searches all of it: reading cannot be interrupted. */
const LONGEST_YAML = 2 ** 19;
const MOST_ALIASES = 100;

/** The document in an answer; or nothing, and a finding. */
export function readDocument(answer: Answer, request: string, findings: Findings): Document | undefined {
  const fail = (what: string, fix: string) => {
    findings.fail(`${request} answered ${what}.`, fix);
    return undefined;
  };
  if (answer.status !== 200 || isRedirect(answer)) {
    const fix = "Serve the schema there without credentials, or correct the path.";
    return fail(`${describe(answer)}, not 200`, fix);
  }
  if (isHtml(answer))
    return fail("a web page, not a schema", "Give the path of the document, not of its viewer.");
  const { text } = answer;
  if (text === undefined) return fail("bytes that are not UTF-8 text", "Send JSON or YAML as UTF-8.");
  const yaml = YAML_TYPES.test(answer.mediaType);
  if (!yaml && !isJson(answer)) {
    const fix = "Send it as application/json, or as application/yaml.";
    return fail(`${describe(answer)}, which is neither JSON nor YAML`, fix);
  }
  const value = yaml && parseJson(text) === undefined ? parseYaml(text, request, findings) : parseJson(text);
  if (value === "too long") return undefined;
  const document = asObject(value?.value);
  if (document !== undefined) return document;
  const format = yaml ? "YAML" : "JSON";
  const what = value === undefined ? `a body that is not ${format}` : `${format} that is not one object`;
  return fail(what, "Look for an answer that was cut, or an error in its place.");
}

function parseYaml(
  text: string,
  request: string,
  findings: Findings,
): { value: unknown } | "too long" | undefined {
  if (text.length > LONGEST_YAML || countAliases(text) > MOST_ALIASES) {
    const fix = "Serve it as JSON too, and check that.";
    findings.unsure(`${request} answered YAML of over 512 KiB or 100 aliases: too slow to read.`, fix);
    return "too long";
  }
  try {
    // Whether keys are unique takes the square of their number to find out.
    return {
      value: parse(text, { logLevel: "error", uniqueKeys: false, maxAliasCount: MOST_ALIASES }) as unknown,
    };
  } catch {
    return undefined;
  }
}

function countAliases(text: string): number {
  let count = 0;
  for (const token of new Lexer().lex(text)) if (token.startsWith("*")) count += 1;
  return count;
}
