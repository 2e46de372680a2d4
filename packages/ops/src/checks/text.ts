/** Longest piece of a stranger's text that a report repeats. */
const LONGEST_QUOTE = 80;

/** Control, format (bidi included), separator, private and unassigned characters, and lone surrogates. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text from the service, safe to print: quoted, cut, and without any character that a terminal or a log obeys.
 *
 * @example
 * quote("a\u001b[31mb"); // "a\u001b[31mb" with the escape spelled out
 */
export function quote(text: string): string {
  return `"${printable(text).replaceAll('"', "'")}"`;
}

/** The same without quotation marks. */
export function printable(text: string): string {
  const cut = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return cut.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return `\\u{${code}}`;
  });
}

/** `a, b and c`, with the rest counted when there are many. */
export function list(items: readonly string[], most = 5): string {
  const shown = items.slice(0, most);
  const more = items.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

/** What stands in the place of a secret. */
const REDACTED = "[redacted]";

/** Shorter values are words, not secrets: removing every "a" would only garble the report. */
const SHORTEST_SECRET = 4;

/** Knows the secrets that were read during a run, and removes them from text, also as URLs, JSON and Basic have them. */
export class Redactor {
  /** The longest first: of one that holds another nothing must stay. */
  #secrets: readonly string[] = [];

  add(secret: string): void {
    if (secret.length < SHORTEST_SECRET) return;
    const forms = [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString("base64"),
    ];
    this.#secrets = [...new Set([...this.#secrets, ...forms])].sort((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, REDACTED);
    return clean;
  }
}
