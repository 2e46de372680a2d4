import type { Findings } from "../findings.ts";
import { list, quote } from "../text.ts";
import type { Document } from "./document.ts";

/** Under these keys the next keys are names that people chose, not keywords. */
const NAME_MAPS = new Set([
  ...["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"],
  ...["paths", "webhooks", "schemas", "responses", "parameters", "headers", "requestBodies", "pathItems"],
  ...["links", "callbacks", "securitySchemes", "content", "encoding", "variables"],
]);

/** Under these keys stands data, in which "$ref" refers to nothing. */
const DATA = new Set(["example", "examples", "default", "const", "enum", "mapping"]);

interface Node {
  readonly value: unknown;
  /** Names, not keywords, are its keys. */
  readonly names: boolean;
  /** What `#` means here: the document, or the nearest schema with an `$id`. */
  readonly base: unknown;
}

/** Every reference must lead to something. Those that leave the document are not followed, and said so. */
export function judgeReferences(document: Document, findings: Findings): void {
  const references: { ref: string; base: unknown }[] = [];
  const anchors = new Set<string>();
  const ids = new Set<string>();
  const queue: Node[] = [{ value: document, names: false, base: document }];
  const seen = new Set<unknown>();
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const { value, names } = node;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const record = value as Record<string, unknown>;
    const base = !names && typeof record.$id === "string" ? value : node.base;
    if (!names) {
      if (typeof record.$ref === "string") references.push({ ref: record.$ref, base });
      if (typeof record.$id === "string") ids.add(record.$id);
      for (const key of ["$anchor", "$dynamicAnchor"]) {
        if (typeof record[key] === "string") anchors.add(record[key]);
      }
    }
    for (const [key, inner] of Object.entries(record)) {
      if (!names && (DATA.has(key) || key.startsWith("x-"))) continue;
      queue.push({ value: inner, names: !names && NAME_MAPS.has(key), base });
    }
  }

  const dead = new Set<string>();
  let outside = 0;
  for (const { ref, base } of references) {
    if (!ref.startsWith("#")) {
      if (!ids.has(ref.split("#")[0]!)) outside += 1;
    } else if (!leads(ref, base, anchors) && !leads(ref, document, anchors)) {
      dead.add(ref);
    }
  }
  if (dead.size > 0) {
    const refs = list([...dead].map(quote), 3);
    findings.fail(
      `The schema refers to what it does not have: ${refs}.`,
      "Add the component, or mend the $ref.",
    );
  }
  if (outside > 0) findings.note(`References to other documents were not followed: ${outside}.`);
}

/** What a reference within the document leads to. Bounded: references can go round in circles. */
export function follow(document: Document, value: unknown): unknown {
  let current = value;
  for (let hops = 0; hops < 10; hops++) {
    const ref = (current as { $ref?: unknown } | null | undefined)?.$ref;
    if (typeof ref !== "string" || !ref.startsWith("#/")) return current;
    current = lookUp(ref.slice(1), document);
  }
  return undefined;
}

function leads(ref: string, base: unknown, anchors: ReadonlySet<string>): boolean {
  const fragment = ref.slice(1);
  if (fragment === "") return true;
  return fragment.startsWith("/") ? lookUp(fragment, base) !== undefined : anchors.has(fragment);
}

/** The value at a JSON Pointer (RFC 6901) as a URI fragment writes it. */
function lookUp(pointer: string, base: unknown): unknown {
  let current = base;
  for (const token of pointer.split("/").slice(1)) {
    const key = unescapeToken(token);
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function unescapeToken(token: string): string {
  const plain = (text: string) => text.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return plain(decodeURIComponent(token));
  } catch {
    return plain(token);
  }
}
