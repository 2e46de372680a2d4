import { asObject } from "../content.ts";
import type { Findings } from "../findings.ts";
import { list, printable, quote } from "../text.ts";
import type { Document } from "./document.ts";
import { follow } from "./references.ts";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** One operation of a document. */
export interface Operation {
  /** Upper case. */
  readonly method: string;
  /** `/courses/{id}/`, as the document has it. */
  readonly path: string;
  readonly id: string | undefined;
  /** Path parameters declared for it. */
  readonly parameters: ReadonlySet<string>;
  /** All parameters, of the path and of the operation, references followed. */
  readonly allParameters: readonly Document[];
  /** As the document has it. */
  readonly definition: Document;
  /** Security schemes that it names. */
  readonly schemes: readonly string[];
  /** True when every way that is described needs credentials. */
  readonly isProtected: boolean;
}

/** Every operation of a document that has passed the schema. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(asObject(document.paths) ?? {}).flatMap(([path, written]) => {
    const item = asObject(follow(document, written)) ?? {};
    return METHODS.flatMap((method) => {
      const operation = asObject(item[method]);
      if (operation === undefined) return [];
      const allParameters = [operation.parameters, item.parameters]
        .flatMap((some): unknown[] => (Array.isArray(some) ? some : []))
        .map((parameter) => asObject(follow(document, parameter)))
        .filter((parameter) => parameter !== undefined);
      const parameters = allParameters
        .filter((parameter) => parameter.in === "path")
        .map(({ name }) => String(name));
      const security = operation.security ?? document.security;
      return {
        method: method.toUpperCase(),
        path,
        id: typeof operation.operationId === "string" ? operation.operationId : undefined,
        parameters: new Set(parameters),
        allParameters,
        definition: operation,
        schemes: schemesOf(security),
        isProtected: requirements(security).length > 0 && requirements(security).every(needsSomething),
      };
    });
  });
}

function requirements(security: unknown): Document[] {
  return Array.isArray(security) ? security.map((requirement) => asObject(requirement) ?? {}) : [];
}

function needsSomething(requirement: Document): boolean {
  return Object.keys(requirement).length > 0;
}

function schemesOf(security: unknown): string[] {
  return requirements(security).flatMap((requirement) => Object.keys(requirement));
}

/** What the schema of OpenAPI cannot say: that names are unique, and that what is used is declared. */
export function judgeOperations(
  document: Document,
  operations: readonly Operation[],
  findings: Findings,
): void {
  if (operations.length === 0) {
    findings.fail("The schema describes no operation.", "Look at what generates it: it sees no route.");
    return;
  }
  const ids = operations.flatMap(({ id }) => id ?? []);
  const twice = repeated(ids);
  if (twice.length > 0) {
    const fix = "Give each operation an id of its own: client generators drop or overwrite the second.";
    findings.fail(`The schema uses an operationId more than once: ${list(twice.map(quote), 3)}.`, fix);
  }
  const same = repeated([...new Set(operations.map(({ path }) => path))].map(template));
  if (same.length > 0) {
    const fix = "Name their parameters alike and join them.";
    findings.fail(
      `The schema has paths that differ only in parameter names: ${list(same.map(quote), 3)}.`,
      fix,
    );
  }
  judgeParameters(operations, findings);
  const known = asObject(asObject(document.components)?.securitySchemes) ?? {};
  const unknown = new Set(
    operations.flatMap(({ schemes }) => schemes.filter((name) => !Object.hasOwn(known, name))),
  );
  if (unknown.size > 0) {
    const fix = "Declare it under components.securitySchemes.";
    findings.fail(
      `The schema asks for security schemes it does not declare: ${list([...unknown].map(quote), 3)}.`,
      fix,
    );
  }
}

function judgeParameters(operations: readonly Operation[], findings: Findings): void {
  const wrong = operations.flatMap(({ method, path, parameters }) => {
    const named = [...path.matchAll(/\{([^{}]{1,200})\}/g)].map(([, name]) => name!);
    const lacks = named.filter((name) => !parameters.has(name));
    const extra = [...parameters].filter((name) => !named.includes(name));
    return lacks.length + extra.length === 0 ? [] : [`${method} ${printable(path)}`];
  });
  if (wrong.length === 0) return;
  const fix = "Declare each {name} of a path as a parameter in path, and no other.";
  findings.fail(`The schema's path parameters do not match the path in ${list(wrong, 3)}.`, fix);
}

/** A path or a router's template with its parameters' names taken out: `/courses/{}/`. */
export function template(path: string): string {
  return path.replace(/\{[^{}]*\}|:[A-Za-z_]\w*(?:\([^()]*\))?|\*\w*/g, "{}");
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(values.filter((value) => seen.size === seen.add(value).size))];
}
