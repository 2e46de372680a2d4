import type { Answer } from "./http.ts";
import { quote } from "./text.ts";

/** Headers that exist to name the software. */
const BANNERS = ["x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-runtime"];

/** What only a server's inside looks like, also when it is escaped in JSON. */
const INSIDES: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?:\n|\\n)[ \t]{0,20}at [^\n\\]{1,200}:\d+/, "a stack trace"],
  [
    /Traceback \(most recent call last\)|(?:\n|\\n)[ \t]{0,20}File \\?"[^"\n]{1,200}\\?", line \d+/,
    "a stack trace",
  ],
  [/\bat [\w.$]{1,100}\([\w]{1,60}\.java:\d+\)|goroutine \d+ \[/, "a stack trace"],
  [
    /\bnode_modules[/\\]|file:\/\/\/|(?:^|["'\s(])\/(?:home|usr|app|srv|var|root)\/[\w./-]{1,200}\.\w{1,5}\b/,
    "a path of its file system",
  ],
  [
    /\b(?:ECONNREFUSED|ENOTFOUND) [\w.:-]+|\bSQLSTATE\b|syntax error at or near/,
    "an error of a part behind it",
  ],
];

/** Characters of a body that are searched: an error page gives itself away early. */
const FAR_ENOUGH = 65_536;

/** Headers that tell a stranger what software answers, with their values. */
export function banners(answer: Answer): string[] {
  const found = BANNERS.flatMap((name) => {
    const value = answer.header(name);
    return value === undefined ? [] : [`its software in ${name}: ${quote(value)}`];
  });
  const server = answer.header("server");
  if (server !== undefined && /\/\d/.test(server))
    found.push(`its software's version in server: ${quote(server)}`);
  return found;
}

/** Everything in an answer that tells a stranger what it runs on. */
export function leaks(answer: Answer): string[] {
  const text = answer.text?.slice(0, FAR_ENOUGH) ?? "";
  const inside = INSIDES.filter(([pattern]) => pattern.test(text)).map(([, what]) => what);
  return [...banners(answer), ...new Set(inside)];
}
