import { describe, expect, it } from "vitest";
import { env, readSecret, secret } from "./values.ts";

describe("env and secret", () => {
  it("are names, not values", () => {
    expect(env("A")).toEqual({ kind: "env", name: "A" });
    expect(env("A", "b")).toEqual({ kind: "env", name: "A", fallback: "b" });
    expect(secret("A")).toEqual({ kind: "secret", name: "A" });
    expect(secret("A", { file: "/b" })).toEqual({ kind: "secret", name: "A", file: "/b" });
  });
});

describe("readSecret", () => {
  const files: Record<string, string> = { "/run/a": "from a file\n" };
  const readFile = async (path: string): Promise<string> => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT");
    return text;
  };

  it("prefers the variable, then the file that NAME_FILE names", async () => {
    expect(await readSecret(secret("A"), { A: "direct", A_FILE: "/run/a" }, readFile)).toBe("direct");
    expect(await readSecret(secret("A"), { A_FILE: "/run/a" }, readFile)).toBe("from a file");
    expect(await readSecret(secret("A"), { A: "" }, readFile)).toBeUndefined();
  });

  it("says which file it could not read", async () => {
    await expect(readSecret(secret("A"), { A_FILE: "/run/b" }, readFile)).rejects.toMatchObject({
      code: "SK-CONFIG-006",
      what: expect.stringContaining("/run/b"),
    });
  });
});
