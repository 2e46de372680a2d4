import type { Ajv2020, ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { list, printable, quote } from "../text.ts";
import { bounded } from "./bounded.ts";
import { FORMATS } from "./schema-formats.ts";

/** Milliseconds for one body: a healthy one takes less than one. */
const TIME = 1_000;

/** What a value has against a schema: sentences without their full stop; empty when it conforms. */
export type Judge = (value: unknown) => string[];

/**
 * A compiler of JSON Schema 2020-12. Loaded when it is needed: it takes longer than most checks.
 *
 * @param validateSchema false: a schema is not held against that of schemas first, which takes longer than all else;
 * what cannot be compiled is found all the same
 */
export async function schemaCompiler({
  validateSchema = true,
}: {
  readonly validateSchema?: boolean;
} = {}): Promise<Ajv2020> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  // Not strict: what a schema of a stranger says that we do not know is theirs to say.
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema, logger: false });
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  return ajv;
}

/** Makes a judge of a compiled schema, which takes a second at most. */
export function judgeOf(validate: ValidateFunction): Judge {
  return (value) => {
    try {
      if (bounded(() => validate(value), TIME)) return [];
    } catch {
      return ["takes too long to be held against its schema"];
    }
    return (validate.errors ?? []).slice(0, 3).map(errorText);
  };
}

function errorText({ instancePath, message = "is wrong", params }: ErrorObject): string {
  const { allowedValues, additionalProperty, allowedValue } = params as Record<string, unknown>;
  const values = Array.isArray(allowedValues) ? allowedValues : undefined;
  const more =
    values !== undefined
      ? `: ${list(values.map((value) => printable(JSON.stringify(value))))}`
      : typeof additionalProperty === "string"
        ? `: ${quote(additionalProperty)}`
        : allowedValue === undefined
          ? ""
          : `: ${printable(JSON.stringify(allowedValue))}`;
  const where = instancePath === "" ? "the body" : printable(instancePath);
  return `${where} ${printable(message)}${more}`;
}
