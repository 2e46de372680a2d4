import { expect, test } from "vitest";
import { hashPassword, verifyPassword } from "./passwords.ts";

test("the right password is right, and only that", async () => {
  const stored = await hashPassword("correct horse");
  expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}==\$[\w+/]{43}=$/);
  expect(await verifyPassword("correct horse", stored)).toBe(true);
  expect(await verifyPassword("Correct horse", stored)).toBe(false);
});

test("the same password is hashed differently each time", async () => {
  expect(await hashPassword("twice")).not.toBe(await hashPassword("twice"));
});

test("an accent is the same accent, however it was typed", async () => {
  expect(await verifyPassword("re\u0301sume\u0301", await hashPassword("r\u00e9sum\u00e9"))).toBe(true);
});

test("an unknown user is refused, and not sooner than a known one", async () => {
  const stored = await hashPassword("known");
  const known = await timed(() => verifyPassword("wrong", stored));
  const unknown = await timed(() => verifyPassword("wrong", undefined));
  expect([known.result, unknown.result]).toEqual([false, false]);
  expect(unknown.ms).toBeGreaterThan(known.ms / 4); // a shortcut would be a hundred times faster
});

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
}
