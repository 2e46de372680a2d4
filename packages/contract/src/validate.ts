import * as v from "valibot";
import { nearest } from "./nearest.ts";
import type { Problems } from "./problems.ts";
import { showPath } from "./show.ts";

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
  return run(schema, value, path, problems)?.output;
}

/** What could be read of an object that may have mistakes in it. */
export interface Partly<Output> {
  /** The keys that are well formed. */
  readonly value: Partial<Output>;
  /** All keys, checked or not: to look into a list of which only some items are wrong. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** Keys that are wrong, missing, or meant by a mistyped one. */
  readonly failed: ReadonlySet<string>;
}

/** Like {@link parse} for an object, but one wrong key does not hide what is to be said of the others. */
export function parsePartly<Entries extends v.ObjectEntries>(
  schema: v.StrictObjectSchema<Entries, string>,
  value: unknown,
  path: string,
  problems: Problems,
): Partly<v.InferOutput<v.StrictObjectSchema<Entries, string>>> {
  const result = run(schema, value, path, problems);
  const raw = (result?.partial ?? {}) as Record<string, unknown>;
  const failed = result?.failed ?? new Set(Object.keys(schema.entries));
  const sound = Object.entries(raw).filter(([key]) => !failed.has(key));
  return {
    value: Object.fromEntries(sound) as Partial<v.InferOutput<v.StrictObjectSchema<Entries, string>>>,
    raw,
    failed,
  };
}

interface Run<Output> {
  /** Present when nothing is wrong. */
  readonly output?: Output;
  readonly partial: unknown;
  readonly failed: ReadonlySet<string>;
}

/** `undefined` when not even the keys could be read. */
function run<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  path: string,
  problems: Problems,
): Run<v.InferOutput<Schema>> | undefined {
  try {
    const result = v.safeParse(schema, value);
    if (result.success) return { output: result.output, partial: result.output, failed: new Set() };
    const failed = result.issues.flatMap((issue) => report(issue, schema, path, problems));
    const unread = result.issues.some((issue) => issue.path === undefined);
    return unread ? undefined : { partial: result.output, failed: new Set(failed) };
  } catch {
    // A getter, a proxy or a toJSON of the value threw: its own message may hold anything, so it is not repeated.
    problems.report({
      path,
      got: "a value that throws when it is read",
      wanted: "plain data",
      fix: "Write plain values, without getters or proxies.",
    });
    return undefined;
  }
}

/** Adds the problems of one issue; returns the top-level keys that it spoils. */
function report(
  issue: v.BaseIssue<unknown>,
  schema: v.GenericSchema,
  root: string,
  problems: Problems,
): string[] {
  const keys: unknown[] = issue.path?.map((item) => item.key) ?? [];
  const last = issue.path?.at(-1);
  const spoiled = keys.slice(0, 1).map(String);
  // The two issues of an object's keys, missing and unknown, come without a word on what the key should have been.
  if (issue.type !== "strict_object" || last?.origin !== "key") {
    problems.add(showPath(root, keys), issue.input, issue.message, `Write ${issue.message}.`);
    return spoiled;
  }
  const parents = keys.slice(0, -1);
  if (Array.isArray(last.input)) {
    problems.add(showPath(root, parents), last.input, issue.message, `Write ${issue.message}.`);
    return spoiled;
  }
  const unknown = unknownKeys(last.input as object, entriesOf(schema, parents));
  if (issue.expected === "never") {
    for (const [key, meant] of unknown) reportUnknown(showPath(root, [...parents, key]), meant, problems);
    return parents.length > 0 ? spoiled : [...unknown.values()].flatMap(({ near }) => near ?? []);
  }
  // A mistyped key is one mistake, not two.
  const key = String(last.key);
  if (![...unknown.values()].some(({ near }) => near === key)) {
    const wanted = describe(descend(schema, keys));
    problems.add(showPath(root, keys), undefined, wanted, `Add \`${key}\`: ${wanted}.`);
  }
  return spoiled;
}

interface Meant {
  readonly near: string | undefined;
  readonly known: readonly string[];
}

/** The keys that an object should not have, each with the absent key it is a slip of. */
function unknownKeys(input: object, known: readonly string[]): Map<string, Meant> {
  const absent = known.filter((key) => !(key in input));
  const unknown = new Map<string, Meant>();
  // As valibot looks: inherited keys too.
  for (const key in input) if (!known.includes(key)) unknown.set(key, { near: nearest(key, absent), known });
  return unknown;
}

function reportUnknown(path: string, { near, known }: Meant, problems: Problems): void {
  problems.report({
    path,
    got: "an unknown key",
    wanted: near === undefined ? `only ${known.join(", ")}` : `\`${near}\``,
    fix: near === undefined ? "Remove it." : `Rename it to \`${near}\`.`,
  });
}

interface Inner {
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly item?: unknown;
  readonly wrapped?: unknown;
}

function entriesOf(schema: v.GenericSchema, keys: readonly unknown[]): string[] {
  return Object.keys(descend(schema, keys)?.entries ?? {});
}

/** The schema that stands at a path. */
function descend(schema: v.GenericSchema, keys: readonly unknown[]): Inner | undefined {
  return keys.reduce<Inner | undefined>(
    (here, key) => unwrap(typeof key === "number" ? here?.item : here?.entries?.[String(key)]),
    unwrap(schema),
  );
}

function unwrap(schema: unknown): Inner | undefined {
  const inner = (schema as Inner | undefined)?.wrapped;
  return inner === undefined ? (schema as Inner | undefined) : unwrap(inner);
}

/** What a missing key should hold: the message its own schema gives to a wrong value. */
function describe(schema: Inner | undefined): string {
  const probe = schema && v.safeParse(schema as v.GenericSchema, Symbol("missing"));
  return probe?.issues?.[0]?.message ?? "a value";
}
