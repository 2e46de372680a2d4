import { beforeAll, expect, test, vi } from "vitest";
import { hashPassword, verifyPassword } from "./passwords.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 }); // slow on purpose, and slower on a busy machine

let stored: string;
beforeAll(async () => {
  stored = await hashPassword("r\u00e9sum\u00e9 horse");
});

test("the right password is right, however its accents were typed, and only that", async () => {
  expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}==\$[\w+/]{43}=$/);
  expect(await verifyPassword("re\u0301sume\u0301 horse", stored)).toBe(true);
  expect(await verifyPassword("resume horse", stored)).toBe(false);
});

test("the same password is hashed differently each time", async () => {
  expect(await hashPassword("r\u00e9sum\u00e9 horse")).not.toBe(stored);
});

test("an unknown user is refused, and not sooner than a known one", async () => {
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
