import type { Connection } from "./connection.ts";

const URL_SECRET = /(postgres(?:ql)?:\/\/[^\s:/@]*):[^\s/]*@/gi;
const PARAMETER_SECRET = /\b(password|sslpassword|PGPASSWORD)(\s*=\s*)('(?:[^'\\]|\\.|'')*'|\S+)/gi;
/** What would redraw or break the line: a server's messages may hold anything that a row holds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Takes the connection's password, and whatever else looks like one, out of a text that Postgres or its programs wrote. */
export function redact(text: string, connection: Connection): string {
  const password = connection.password();
  const forms = password === undefined ? [] : [password, encodeURIComponent(password)];
  return forms
    .reduce((shown, form) => shown.replaceAll(form, "***"), text)
    .replace(URL_SECRET, "$1:***@")
    .replace(PARAMETER_SECRET, "$1$2***")
    .replace(CONTROL, " ");
}
