/** Printable ASCII that JSON takes as it is. Most of what services log. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * What a reader of logs must never meet raw, in a terminal or after decoding the JSON: control characters (ESC starts
 * an ANSI sequence, 0x9B is its one-character form), bidirectional and zero-width controls, the line separators
 * U+2028 and U+2029, byte order marks, language tags, and lone surrogates.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Surrogate}]/gu;

const LONGEST = 1024;

/**
 * A JSON string literal that is safe to print even after a reader has decoded it: unsafe characters become visible
 * text such as `\u001b`, and what is longer than `longest` characters is cut and says so.
 */
export function quote(text: string, longest: number = LONGEST): string {
  if (text.length <= longest && PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(visible(text, longest));
}

/** The same text for loggers that do their own quoting. */
export function visible(text: string, longest: number = LONGEST): string {
  const kept =
    text.length <= longest ? text : `${text.slice(0, longest)}[${text.length - longest} more characters]`;
  return PLAIN.test(kept) ? kept : kept.replace(UNSAFE, spelled);
}

function spelled(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}
