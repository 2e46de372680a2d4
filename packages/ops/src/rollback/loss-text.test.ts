import fc from "fast-check";
import { expect, it } from "vitest";
import { lossPhrase, spanText } from "./loss-text.ts";

it.each([
  [0, "0s"],
  [59.2, "60s"],
  [60, "1m"],
  [61, "1m 1s"],
  [3_600, "1h"],
  [11_491, "3h 12m"],
  [11_520, "3h 12m"],
  [86_399, "24h"],
  [90_000, "1d 1h"],
])("says %d seconds as %s", (seconds, text) => {
  expect(spanText(seconds)).toBe(text);
});

it("never says less than it is, and not much more", () => {
  const size = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
  const read = (text: string) =>
    text
      .split(" ")
      .reduce((sum, part) => sum + Number.parseInt(part, 10) * size[part.at(-1) as keyof typeof size], 0);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (seconds) => {
      const said = read(spanText(seconds));
      return said >= seconds && said <= seconds * 1.05 + 1;
    }),
  );
});

it("names all that would be lost, so that it can be typed", () => {
  const loss = { tables: [], lost: 1234, back: 7, values: 0, largeObjects: 0 };
  expect(lossPhrase(loss, 11_520, "courses")).toBe("lose 1234 rows and 3h 12m of courses");
  expect(lossPhrase({ ...loss, lost: 0, values: 1, largeObjects: 2 }, 5, "a b")).toBe(
    "lose 0 rows, 1 value, 2 large objects and 5s of a b",
  );
});
