import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

test("a cursor comes back as the position it was made from", () => {
  for (const time of [0, 1, Date.UTC(2026, 10, 23, 6, 30, 0, 999)]) {
    const position = { created_at: new Date(time).toISOString(), id: randomUUID() };
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
  }
});

test("anything else is refused", () => {
  const id = randomUUID();
  const texts = ["", "x", `now ${id}`, `2026-99-99T00:00:00.000Z ${id}`, `2026-01-01T00:00:00.000Z ${id}'`];
  for (const text of texts)
    expect(decodeCursor(Buffer.from(text).toString("base64url")), text).toBeUndefined();
  expect(decodeCursor("\u0000%%")).toBeUndefined();
});
