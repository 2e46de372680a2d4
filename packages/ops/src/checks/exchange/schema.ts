import type { ErrorObject } from "ajv/dist/2020.js";
import { list, printable, quote } from "../text.ts";
import { bounded } from "./bounded.ts";
import { referLazily } from "./lazy-references.ts";
import { FORMATS } from "./schema-formats.ts";

/** Milliseconds of CPU for one body: a healthy one takes a few. */
const TIME = 500;

/** Milliseconds of the clock for the last try, for this process can do nothing else meanwhile. */
const LONGEST = 8 * TIME;

/**
 * What a value has against a schema: sentences without their full stop; nothing when it took too long to tell.
 *
 * @throws what the compiler says of a schema that is none, when the value gets to it
 */
export type Judge = (value: unknown) => readonly string[] | undefined;

/** Where schemas come from. */
export interface SchemaCompilerOptions {
  /**
   * False: a schema is not held against that of schemas first, which takes longer than all else; what cannot be
   * compiled is found all the same.
   */
  readonly validateSchema?: boolean;
  /** What references to `id` lead into. */
  readonly document?: { readonly id: string; readonly content: object };
}

/**
 * A compiler of JSON Schema 2020-12. Loaded when it is needed: it takes longer than most checks.
 *
 * @throws {RangeError} when the document is nested too deeply.
 */
export async function schemaCompiler({
  validateSchema = true,
  document,
}: SchemaCompilerOptions = {}): Promise<(schema: object) => Judge> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const { resolveRef } = await import("ajv/dist/compile/index.js");
  const isLazy = document !== undefined && !JSON.stringify(document.content).includes('"unevaluated');
  const fresh = () => {
    const ajv = new Ajv2020({
      // What a schema of a stranger says that we do not know is theirs to say.
      strict: false,
      validateSchema,
      inlineRefs: !isLazy,
      logger: false,
      code: { regExp: lenientRegExp },
    });
    for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
    if (document !== undefined) ajv.addSchema(document.content, document.id, undefined, false);
    if (isLazy) referLazily(ajv, resolveRef);
    return ajv;
  };
  let ajv = fresh();
  return (schema) => (value) => {
    const judge = () => {
      const validate = ajv.compile(schema);
      return validate(value) === true ? [] : (validate.errors ?? []).slice(0, 3).map(errorText);
    };
    return inTime(judge, () => {
      // A compiler that was interrupted takes what it had begun for done.
      ajv = fresh();
    });
  };
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

/** Time is that of the CPU: on a busy machine the clock goes on while we stand still. */
function inTime<T>(work: () => T, onInterrupt: () => void): T | undefined {
  for (let limit = TIME; ; limit *= 2) {
    const before = process.cpuUsage();
    try {
      return bounded(work, limit);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      onInterrupt();
      const { user, system } = process.cpuUsage(before);
      if (user + system >= TIME * 1_000 || limit >= LONGEST) return undefined;
    }
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
