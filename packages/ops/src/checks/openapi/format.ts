import { Validator } from "@seriousme/openapi-schema-validator";
import type { Findings } from "../findings.ts";
import { printable, quote } from "../text.ts";
import type { Document } from "./document.ts";

/** One for all runs: it compiles the schema of a version when it first meets one, which takes longer than all else. */
const validator = new Validator();

/** The faults that say the least: they only repeat that something below them is wrong. */
const ECHOES = new Set(["if", "oneOf", "anyOf", "allOf", "not"]);

const MOST_FAULTS = 3;

/** Judges a document against the OpenAPI Initiative's JSON Schema of its version, 3.0 to 3.2. */
export async function judgeFormat(document: Document, findings: Findings): Promise<boolean> {
  const version = document.openapi;
  if (typeof version !== "string" || !/^3\.[0-2]\.\d+(-.+)?$/.test(version)) {
    const got = document.swagger === undefined ? version : `swagger ${String(document.swagger)}`;
    const fix = 'Generate OpenAPI 3.0 or 3.1 and say so: "openapi": "3.1.0".';
    findings.fail(`The schema says it is ${quote(JSON.stringify(got) ?? "nothing")}, not OpenAPI 3.`, fix);
    return false;
  }
  const { errors } = await validate(document);
  if (errors === undefined) return true;
  for (const error of errors) findings.fail(`The schema is not valid OpenAPI ${version}: ${error}.`, FIX);
  return false;
}

const FIX = "Mend what generates it; the place is a JSON Pointer (RFC 6901) into the document.";

async function validate(document: Document): Promise<{ errors?: string[] }> {
  let result: Awaited<ReturnType<Validator["validate"]>>;
  try {
    result = await validator.validate({ ...document });
  } catch {
    return { errors: ["it is nested too deeply to be read"] };
  }
  // A text, not a list, is the validator's word on references, which ours judges more exactly; see references.ts.
  if (result.valid || !Array.isArray(result.errors)) return {};
  const own = result.errors.filter(({ keyword }) => !ECHOES.has(keyword));
  const deepest = (own.length > 0 ? own : result.errors).toSorted(
    (a, b) => b.instancePath.split("/").length - a.instancePath.split("/").length,
  );
  const texts = deepest.map(({ instancePath, message, params }) => {
    const detail = Object.values(params as Record<string, unknown>).find(
      (value) => typeof value === "string",
    );
    const named = typeof detail === "string" && !message?.includes(detail) ? ` (${printable(detail)})` : "";
    return `${printable(instancePath || "the document")} ${printable(message ?? "is wrong")}${named}`;
  });
  return { errors: [...new Set(texts)].slice(0, MOST_FAULTS) };
}
