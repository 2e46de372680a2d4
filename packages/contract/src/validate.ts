import * as v from "valibot";

/** One thing wrong with a declaration, with everything needed to mend it. */
export interface Problem {
  /** Where, as it would be written in code: `slos[2].threshold`. */
  readonly path: string;
  readonly got: string;
  readonly wanted: string;
  readonly fix: string;
}

/** Collects every problem of a declaration, so that one run shows them all. */
export class Problems {
  readonly list: Problem[] = [];

  add(path: string, got: unknown, wanted: string, fix: string): void {
    this.list.push({ path, got: show(got), wanted, fix });
  }

  /** The problems as indented lines for an error message. */
  toString(): string {
    return this.list
      .map(({ path, got, wanted, fix }) => `  ${path}: got ${got}, wanted ${wanted}\n    fix: ${fix}`)
      .join("\n");
  }
}

/**
 * Checks a value's shape: types, missing and unknown keys. Returns the parsed value, or `undefined` after adding a
 * problem for each mistake.
 */
export function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  path: string,
  problems: Problems,
): v.InferOutput<Schema> | undefined {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  for (const issue of result.issues) report(issue, schema, path, problems);
  return undefined;
}

function report(
  issue: v.BaseIssue<unknown>,
  schema: v.GenericSchema,
  root: string,
  problems: Problems,
): void {
  const path = join(root, issue.path?.map((item) => item.key) ?? []);
  const last = issue.path?.at(-1);
  if (issue.type === "strict_object" && issue.expected === "never" && last !== undefined) {
    const near = nearest(String(last.key), knownKeys(issue, schema));
    problems.add(
      path,
      "an unknown key",
      near === undefined ? "no such key" : `\`${near}\``,
      near === undefined ? "Remove it." : `Rename it to \`${near}\`.`,
    );
    return;
  }
  // A missing key arrives as a strict_object issue that expected the quoted key.
  if (issue.type === "strict_object" && issue.received === "undefined" && last !== undefined) {
    const wanted = describe(schema, issue.path?.map((item) => String(item.key)) ?? []);
    problems.add(path, undefined, wanted, `Add \`${String(last.key)}\`: ${wanted}.`);
    return;
  }
  problems.add(path, issue.input, issue.message, `Write ${issue.message}.`);
}

/** Keys that stand where the unknown one was found. */
function knownKeys(issue: v.BaseIssue<unknown>, schema: v.GenericSchema): string[] {
  const parents = issue.path?.slice(0, -1).map((item) => String(item.key)) ?? [];
  const entries = (descend(schema, parents) as { entries?: Record<string, unknown> } | undefined)?.entries;
  return Object.keys(entries ?? {});
}

function descend(schema: v.GenericSchema, keys: readonly string[]): unknown {
  let here: unknown = schema;
  for (const key of keys) {
    here = unwrap((unwrap(here) as { entries?: Record<string, unknown> })?.entries?.[key]);
  }
  return unwrap(here);
}

function unwrap(schema: unknown): unknown {
  const inner = (schema as { wrapped?: unknown } | undefined)?.wrapped;
  return inner === undefined ? schema : unwrap(inner);
}

/** What a missing key should hold: the message its own schema gives to a wrong value. */
function describe(schema: v.GenericSchema, keys: readonly string[]): string {
  const wanted = descend(schema, keys) as v.GenericSchema | undefined;
  if (wanted === undefined) return "a value";
  const probe = v.safeParse(wanted, Symbol("missing"));
  return probe.issues?.[0]?.message ?? "a value";
}

function join(root: string, keys: readonly unknown[]): string {
  let path = root;
  for (const key of keys)
    path += typeof key === "number" ? `[${key}]` : path === "" ? String(key) : `.${String(key)}`;
  return path;
}

const LONGEST_SHOWN = 80;

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === "an unknown key") return value;
  const text = typeof value === "string" ? JSON.stringify(value) : String(stringify(value));
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function stringify(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return typeof value === "function" ? "a function" : String(value);
}

/** The known name closest to a mistyped one, when it is close enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitute = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitute, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
