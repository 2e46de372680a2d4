import { expect, it, test } from "vitest";
import { byAge, formatId, parseId } from "./id.ts";

const at = new Date("2026-11-23T06:30:00.500Z");

it("tells sequence, time and chance", () => {
  expect(formatId(42, at, Buffer.from("7f3a99", "hex"))).toBe("b000042-20261123t063000z-7f3a");
});

it("is read back", () => {
  const id = formatId(1_234_567, at, Buffer.from("7f3a", "hex"));
  expect(parseId(id)).toEqual({ id, sequence: 1_234_567, time: new Date("2026-11-23T06:30:00Z") });
});

test.each([
  "",
  "b42-20261123t063000z-7f3a",
  "b000042-20261323t063000z-7f3a",
  "../b000042-20261123t063000z-7f3a",
  "b000042-20261123t063000z-7F3A",
])("%j is none", (text) => {
  expect(parseId(text)).toBeUndefined();
});

it("orders by sequence, whatever the clock said and however many digits", () => {
  const ids = [1_000_000, 999_999, 7].map((sequence, index) =>
    formatId(sequence, new Date(index), Buffer.alloc(2)),
  );
  expect(
    ids
      .map((id) => parseId(id)!)
      .sort(byAge)
      .map(({ sequence }) => sequence),
  ).toEqual([7, 999_999, 1_000_000]);
});
