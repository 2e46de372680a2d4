import { parseDocument } from "yaml";
import { asObject, describe, isHtml, isJson, isRedirect, parseJson } from "../content.ts";
import type { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";

/** An OpenAPI document, read and not yet judged. */
export type Document = Readonly<Record<string, unknown>>;

/** Media types of YAML (RFC 9512), its older names, and OpenAPI's own. */
const YAML_TYPES = /^(application|text)\/(x-)?yaml$|^application\/(vnd\.oai\.openapi|.*\+yaml)$/;

/** YAML is read a hundred times slower than JSON, and reading cannot be interrupted. */
const LONGEST_YAML = 2 ** 20;

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
  if (text.length > LONGEST_YAML) {
    const fix = "Serve it as JSON too, and check that.";
    findings.unsure(`${request} answered more than 1 MiB of YAML, which takes too long to read.`, fix);
    return "too long";
  }
  const parsed = parseDocument(text, { logLevel: "silent" });
  if (parsed.errors.length > 0) return undefined;
  try {
    // Throws when aliases unfold to more than a document needs.
    return { value: parsed.toJS({ maxAliasCount: 100 }) as unknown };
  } catch {
    return undefined;
  }
}
