import type { Answer } from "./http.ts";
import { quote } from "./text.ts";

/** True for `application/json` and every `+json` type (RFC 6839). */
export function isJson({ mediaType }: Answer): boolean {
  return mediaType === "application/json" || mediaType.endsWith("+json");
}

/** True for a web page, whatever its Content-Type says: what a login wall or a catch-all route answers. */
export function isHtml({ mediaType, text }: Answer): boolean {
  return (
    /^(text\/html|application\/xhtml\+xml)/.test(mediaType) ||
    /^\s*<(!doctype\s+html|html)\b/i.test(text ?? "")
  );
}

/** True for the statuses that send a client elsewhere. */
export function isRedirect({ status }: Answer): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** What came, in a few words: `302 to "https://login.example/"`, `200 with text/html`. */
export function describe(answer: Answer): string {
  const location = answer.header("location");
  if (isRedirect(answer))
    return `${answer.status} to ${location === undefined ? "nowhere" : quote(location)}`;
  return `${answer.status} with ${answer.mediaType === "" ? "no Content-Type" : answer.mediaType}`;
}

/** A JSON text, or `undefined` when it is none. The parser's message is dropped: it quotes the text unescaped. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** A value as an object with string keys; `undefined` for arrays and everything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}
