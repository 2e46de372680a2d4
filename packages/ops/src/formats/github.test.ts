import fc from "fast-check";
import { expect, test } from "vitest";
import { annotation } from "./github.ts";

test("names the place, and leaves out what it does not know", () => {
  const place = { file: "migrations/7.sql", line: 3, column: 5, endLine: 3, endColumn: 9 };
  expect(annotation({ level: "error", ...place, title: "lock", message: "It locks." })).toBe(
    "::error file=migrations/7.sql,line=3,endLine=3,col=5,endColumn=9,title=lock::It locks.",
  );
  expect(annotation({ level: "notice", message: "Fine." })).toBe("::notice::Fine.");
});

test("escapes %, CR and LF everywhere, and in properties also : and ,", () => {
  expect(annotation({ level: "warning", title: "a:b,c%\r\n", message: "a:b,c%\r\nd" })).toBe(
    "::warning title=a%3Ab%2Cc%25%0D%0A::a:b,c%25%0D%0Ad",
  );
});

/** What the runner does with a line. */
function read(line: string) {
  const [, level, properties = "", message] = /^::(\w+)(?: ([^:]*))?::(.*)$/.exec(line)!;
  const plain = (text: string) =>
    text
      .replaceAll("%2C", ",")
      .replaceAll("%3A", ":")
      .replaceAll("%0A", "\n")
      .replaceAll("%0D", "\r")
      .replaceAll("%25", "%");
  const pairs = properties
    .split(",")
    .map((pair) => pair.split("=", 1).concat(pair.slice(pair.indexOf("=") + 1)));
  const parts = Object.fromEntries(pairs.map(([name, value]) => [name, plain(value!)]));
  return { level, ...parts, message: plain(message!.replaceAll("%3A", "%253A").replaceAll("%2C", "%252C")) };
}

test("whatever text goes in comes out again, on one line", () => {
  const text = fc.string({
    unit: fc.constantFrom("%", "\r", "\n", ":", ",", "::error::", "=", "2", "5", "é"),
  });
  fc.assert(
    fc.property(text, text, (title, message) => {
      const line = annotation({ level: "error", title, message });
      expect(line).not.toMatch(/[\r\n]/);
      expect(read(line)).toEqual({ level: "error", title, message });
    }),
    { numRuns: 200 },
  );
});
