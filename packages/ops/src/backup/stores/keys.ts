import { StoreError } from "./error.ts";

/** What every store can name: S3 takes 1024 bytes, file systems 255 a segment, temporary names included. */
const LONGEST_KEY = 512;
const LONGEST_SEGMENT = 200;
const SEGMENT = /^[a-z0-9][a-z0-9._-]*$/;

/** True for a key that every store takes: segments of `[a-z0-9][a-z0-9._-]*` without `..`, joined by `/`. */
export function isKey(key: string): boolean {
  if (key.length > LONGEST_KEY || key.includes("..")) return false;
  return key.split("/").every((segment) => segment.length <= LONGEST_SEGMENT && SEGMENT.test(segment));
}

/** @throws {StoreError} of reason `invalid`; the key is shown escaped, for it may be hostile. */
export function checkKey(key: string): void {
  if (isKey(key)) return;
  throw new StoreError("invalid", `${shown(key)} is not a key that stores take.`, {
    why: "Keys are lower-case letters, digits, dots, dashes and underscores in segments joined by slashes.",
    fix: "Use the identifier as `seakeep backup list` prints it.",
  });
}

/** Takes what begins some key, the empty prefix and one that ends within a segment included. */
export function checkPrefix(prefix: string): void {
  // Whatever is legal so far stays legal when a letter follows.
  if (prefix !== "") checkKey(`${prefix}a`);
}

function shown(key: string): string {
  const escaped = JSON.stringify(key.slice(0, 80)).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return key.length > 80 ? `${escaped} and so on` : escaped;
}
