import { SeakeepError } from "@seakeep/contract";

/**
 * A JSON Pointer as written in a configuration.
 *
 * @throws {SeakeepError} `SK-CHECK-008` when it is none: it would quietly point at nothing.
 */
export function pointerOption(where: string, pointer: string): string {
  if (/^(?:\/(?:[^~/]|~[01])*)*$/.test(pointer)) return pointer;
  throw new SeakeepError("SK-CHECK-008", `${where} has ${JSON.stringify(pointer)} as a JSON Pointer.`, {
    fix: 'Begin each step with a slash: "/items/0/id"; the empty text is the whole body.',
  });
}

/**
 * The value at a JSON Pointer (RFC 6901); `undefined` when there is none.
 *
 * @example
 * valueAt({ items: [{ id: "a" }] }, "/items/0/id"); // "a"
 */
export function valueAt(document: unknown, pointer: string): unknown {
  let current = document;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}
