import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { nearest } from "./nearest.ts";

const KEYS = ["name", "owner", "window", "naming", "slos", "routes", "recovery", "audit", "runbooks"];

describe("nearest", () => {
  test.each([
    ["nam", "name"],
    ["ownr", "owner"],
    ["Windows", "window"],
    ["slo", "slos"],
    ["recovry", "recovery"],
    ["SLOS", "slos"],
  ])("takes %s for %s", (mistyped, meant) => {
    expect(nearest(mistyped, KEYS)).toBe(meant);
  });

  test.each(["x", "", "description", "tags"])("knows nothing near %j", (text) => {
    expect(nearest(text, KEYS)).toBeUndefined();
  });

  it("does not take a shared beginning of two paths for likeness", () => {
    expect(nearest("/api/v1/pasword/", ["/api/v1/upload/"])).toBeUndefined();
    expect(nearest("/api/v1/uplod/", ["/api/v1/upload/", "/api/v1/token/"])).toBe("/api/v1/upload/");
  });

  it("is quick with absurd text", () => {
    expect(nearest("x".repeat(5_000_000), KEYS)).toBeUndefined();
  });

  it("finds every known name by itself, and only ever a known one", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), fc.string(), (known, text) => {
        expect(nearest(known[0]!, known)?.toLowerCase()).toBe(known[0]!.toLowerCase());
        expect([...known, undefined]).toContain(nearest(text, known));
      }),
    );
  });
});
