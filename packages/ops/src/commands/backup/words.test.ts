import { expect, test } from "vitest";
import { createOutput } from "../../print.ts";
import { createMeter } from "./meter.ts";
import { ageText, bytesText, countText, table } from "./words.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1049, "1.0 kB"],
  [12_345, "12.3 kB"],
  [99_449, "99.4 kB"],
  [99_500, "100 kB"],
  [999_400, "999 kB"],
  [999_500, "1.0 MB"],
  [3_881_972, "3.9 MB"],
  [108_000_000, "108 MB"],
  [5e18, "5000 PB"],
])("%i bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [-5, "0s"],
  [1500, "1s"],
  [119_000, "119s"],
  [3 * 60_000, "3m"],
  [3_600_000, "1h"],
  [49 * 3_600_000, "2d"],
])("%i ms ago is %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

test("counts have their noun and their commas", () => {
  expect([countText(1, "row"), countText(201_000, "row"), countText(0, "table")]).toEqual([
    "1 row",
    "201,000 rows",
    "0 tables",
  ]);
});

test("columns stand under each other, without blanks at the end", () => {
  expect(
    table([
      ["id", "state"],
      ["b000001", "ok"],
    ]),
  ).toBe("id       state\nb000001  ok");
});

test("progress is for who watches, at most ten times a second", () => {
  let now = 0;
  let shown = "";
  const stderr = { write: (text: string) => (shown += text), isTTY: true };
  const quiet = { write: () => {} };
  const meter = createMeter(createOutput({ stdout: quiet, stderr, environment: {} }, false), () => now);
  now = 2000;
  meter("dumping", 50_000_000, 200_000_000);
  meter("dumping", 60_000_000, 200_000_000);
  expect(shown).toBe("\r\u001b[Kdumping █████░░░░░░░░░░░░░░░ 50.0 MB, 25.0 MB/s, 6 s left");
  now = 4000;
  // An estimate that was too low is no reason to speak of less than nothing.
  meter("dumping", 300_000_000, 200_000_000);
  expect(shown).toMatch(/ 300 MB, 75\.0 MB\/s$/);
  const unwatched = createMeter(
    createOutput({ stdout: quiet, stderr: { ...stderr, isTTY: false }, environment: {} }, false),
    () => now,
  );
  const before = shown;
  now = 9000;
  unwatched("dumping", 1, 2);
  expect(shown).toBe(before);
});
