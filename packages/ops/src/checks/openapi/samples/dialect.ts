import type { Document } from "../document.ts";

/** What the references within the document are resolved against. */
export const DOCUMENT_ID = "seakeep:document";

/**
 * The document with its schemas in the words of JSON Schema 2020-12, for answers: what OpenAPI 3.0 says in its own way
 * is put into the standard's, and members that are only ever written are not demanded.
 *
 * @see https://spec.openapis.org/oas/v3.0.4#schema-object and https://spec.openapis.org/oas/v3.1.1#schema-object
 */
export function translated(document: Document): Document {
  const isOld = String(document.openapi).startsWith("3.0");
  return walk(document, { isOld, isRoot: true }) as Document;
}

interface Place {
  readonly isOld: boolean;
  /** `#` is the document here, and not a schema with an `$id` of its own. */
  readonly isRoot: boolean;
}

function walk(value: unknown, place: Place): unknown {
  if (Array.isArray(value)) return value.map((inner) => walk(inner, place));
  if (typeof value !== "object" || value === null) return value;
  const written = value as Record<string, unknown>;
  const within = typeof written.$id === "string" ? { ...place, isRoot: false } : place;
  const made: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(written)) {
    // Another dialect's name would be looked up, and not found.
    if (key === "$schema" && typeof inner === "string") continue;
    // The compiler's own word, which would make its judgement a promise, and a promise is true.
    if (key === "$async") continue;
    const isLocal = key === "$ref" && typeof inner === "string" && inner.startsWith("#");
    made[key] = isLocal && within.isRoot ? DOCUMENT_ID + inner : walk(inner, within);
  }
  withoutWriteOnly(made);
  return place.isOld ? modern(made) : made;
}

function withoutWriteOnly(schema: Record<string, unknown>): void {
  const { required, properties } = schema;
  if (!Array.isArray(required) || typeof properties !== "object" || properties === null) return;
  const all = properties as Record<string, { writeOnly?: unknown } | undefined>;
  schema.required = required.filter((name) => all[String(name)]?.writeOnly !== true);
}

function modern(schema: Record<string, unknown>): unknown {
  for (const [limit, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    if (typeof schema[exclusive] !== "boolean") continue;
    if (schema[exclusive] && typeof schema[limit] === "number") {
      schema[exclusive] = schema[limit];
      delete schema[limit];
    } else {
      delete schema[exclusive];
    }
  }
  if (schema.nullable !== true) return schema;
  const { nullable: _, ...rest } = schema;
  return { anyOf: [rest, { type: "null" }] };
}
