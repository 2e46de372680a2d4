import { asObject } from "../../content.ts";
import type { Document } from "../document.ts";
import type { Operation } from "../operations.ts";
import { follow } from "../references.ts";

/** A value for a parameter, as text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** The schema of a parameter, which may be a reference. */
function schemaOf(document: Document, parameter: Document): Document {
  return asObject(follow(document, parameter.schema)) ?? {};
}

/** A value that the document itself gives for a parameter. */
export function exampleOf(document: Document, parameter: Document): string | undefined {
  const schema = schemaOf(document, parameter);
  const named = Object.values(asObject(parameter.examples) ?? {})[0];
  const listed = [schema.examples, schema.enum].flatMap((values) =>
    Array.isArray(values) ? [values[0]] : [],
  );
  const values = [parameter.example, asObject(follow(document, named))?.value, schema.example, ...listed];
  return [...values, schema.default, schema.const].map(textOf).find((value) => value !== undefined);
}

/**
 * A value for a path parameter, taken from a list that was answered: of its last item, which is least likely to go away
 * meanwhile where the newest come first.
 */
export function learnedFrom(body: unknown, name: string): string | undefined {
  const lists = [body, ...Object.values(asObject(body) ?? {})].filter((value) => Array.isArray(value));
  const item = asObject((lists[0] as unknown[] | undefined)?.at(-1));
  return item && [item[name], item.id].map(textOf).find((value) => value !== undefined);
}

/** An id that nobody has, of the same form as one that somebody has; `undefined` for a form that is not known. */
export function nobodys(known: string, random: string): string | undefined {
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(known)) {
    return `${random.slice(0, 8)}-${random.slice(8, 12)}-4${random.slice(13, 16)}-8${random.slice(17, 20)}-${random.slice(20, 32)}`;
  }
  return /^\d{1,9}$/.test(known) ? "2147483646" : undefined;
}

/** A query parameter of an operation that a text is not, such as a number: what to send to be refused. */
export function refusable(document: Document, { allParameters }: Operation): string | undefined {
  const found = allParameters.find((parameter) => {
    if (parameter.in !== "query" || typeof parameter.name !== "string") return false;
    const { type, enum: values, format } = schemaOf(document, parameter);
    return type === "integer" || type === "number" || Array.isArray(values) || format === "uuid";
  });
  return found?.name as string | undefined;
}
