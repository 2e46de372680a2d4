import type { Ajv2020, ErrorObject } from "ajv/dist/2020.js";
import { list, printable, quote } from "../text.ts";
import { bounded } from "./bounded.ts";
import { FORMATS } from "./schema-formats.ts";

/** Milliseconds for one body, or one schema: a healthy one takes a few. */
const TIME = 500;

/** What a value has against a schema: sentences without their full stop; nothing when it took too long to tell. */
export type Judge = (value: unknown) => readonly string[] | undefined;

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
  const ajv = new Ajv2020({
    // What a schema of a stranger says that we do not know is theirs to say.
    strict: false,
    validateSchema,
    logger: false,
    code: { regExp: lenientRegExp },
  });
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  return ajv;
}

/**
 * Patterns should be those of ECMA-262 (JSON Schema, section 6.4); many are of the language that the service is written
 * in. One that is none here is not held against the service.
 */
const lenientRegExp = Object.assign(
  (pattern: string) => {
    for (const flags of ["u", ""]) {
      try {
        return new RegExp(pattern, flags);
      } catch {
        // The next is more lenient.
      }
    }
    return { test: () => true };
  },
  // How code that is written to a file would make one; none is.
  { code: "new RegExp" },
);

/**
 * Makes a judge of a schema.
 *
 * @throws what the compiler says of a schema that is none; `undefined` when it took too long to tell
 */
export function judgeOf(ajv: Ajv2020, schema: object): Judge | undefined {
  const validate = inTime(() => ajv.compile(schema));
  if (validate === undefined) return undefined;
  return (value) => {
    const conforms = inTime(() => validate(value) === true);
    if (conforms === undefined) return undefined;
    return conforms ? [] : (validate.errors ?? []).slice(0, 3).map(errorText);
  };
}

function inTime<T>(work: () => T): T | undefined {
  try {
    return bounded(work, TIME);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  }
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
