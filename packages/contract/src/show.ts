const LONGEST = 80;
const DEEPEST = 3;

/** Control, bidirectional and line-separator characters: they would redraw or break the line they are shown on. */
const UNPRINTABLE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A value as a reader would write it, on one line, cut to a readable length; never throws, whatever it is given. */
export function show(value: unknown): string {
  try {
    return cut(write(value, 0));
  } catch {
    return "a value that cannot be read";
  }
}

/** Text in double quotes with everything unprintable escaped. */
function showText(text: string): string {
  return JSON.stringify(text).replace(UNPRINTABLE, escapeCharacter);
}

function write(value: unknown, depth: number): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return showText(value.slice(0, LONGEST + 1));
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  // Depth ends cycles too.
  if (depth === DEEPEST) return Array.isArray(value) ? "[…]" : "{…}";
  return Array.isArray(value) ? writeList(value, depth) : writeObject(value, depth);
}

function writeList(list: readonly unknown[], depth: number): string {
  return `[${list
    .slice(0, LONGEST)
    .map((item) => write(item, depth + 1))
    .join(", ")}]`;
}

function writeObject(object: object, depth: number): string {
  const entries = Object.entries(object).slice(0, LONGEST);
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([key, inner]) => `${writeKey(key)}: ${write(inner, depth + 1)}`).join(", ")} }`;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

function writeKey(key: string): string {
  return IDENTIFIER.test(key) ? key : showText(key);
}

/** Extends a path by a key as code would: `slos[2]`, `.threshold`, `["odd key"]`. */
export function showPath(root: string, keys: readonly unknown[]): string {
  let path = root;
  for (const key of keys) {
    if (typeof key === "number") path += `[${key}]`;
    else if (IDENTIFIER.test(String(key))) path += path === "" ? cut(String(key)) : `.${cut(String(key))}`;
    else path += `[${cut(showText(String(key).slice(0, LONGEST + 1)))}]`;
  }
  return path;
}

function cut(text: string): string {
  if (text.length <= LONGEST) return text;
  // By code point: half a surrogate pair is not a character.
  return `${Array.from(text.slice(0, LONGEST + 1))
    .slice(0, -1)
    .join("")}…`;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
