/** Shorter paths cannot hold a token worth the name; most paths end here. */
const SHORTEST = 20;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const JWT = /^eyJ[\w-]+\.[\w-]+/;
const TOKEN = /^(?=.*\d)(?=.*[a-z])[\w.~+=-]{20,}$/i;

/** Digits strewn among letters, as in a token; a slug such as `advanced-typescript-patterns-2026` has them in groups. */
const ALTERNATIONS = 6;

/**
 * A path without the secrets that services put into it: password-reset and invitation tokens, JWTs, API keys. They
 * look random (letters and digits mixed, 20 characters or more); UUIDs are names, not secrets, and stay.
 */
export function redactPath(path: string): string {
  if (path.length < SHORTEST) return path;
  return path
    .split("/")
    .map((segment) => (isSecret(segment) ? "[redacted]" : segment))
    .join("/");
}

function isSecret(segment: string): boolean {
  if (segment.length < SHORTEST - 1 || UUID.test(segment)) return false;
  if (JWT.test(segment)) return true;
  return TOKEN.test(segment) && (segment.match(/[a-z]\d|\d[a-z]/gi)?.length ?? 0) >= ALTERNATIONS;
}
