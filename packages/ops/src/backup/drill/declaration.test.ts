import { defineService, errors, type SeakeepError } from "@seakeep/contract";
import { describe, expect, it, test } from "vitest";
import { health } from "../../checks/health/index.ts";
import { defineOps, type OpsDeclaration } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { env, secret } from "../../config/values.ts";

const service = defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] });
const resolve = (boot: unknown, environment: Record<string, string> = {}) =>
  resolveOps(
    defineOps({
      ...{ service, url: "https://shop.example.org", database: secret("SHOP_DB"), drill: { boot } },
    } as OpsDeclaration),
    environment,
    "seakeep.config.ts",
  );

describe("drill.boot", () => {
  it("fills in what is not said, and names the secrets it needs", () => {
    const { drill, names } = resolve({
      command: ["node", "server.js"],
      env: { TOKEN: secret("METRICS_TOKEN") },
    });
    expect(drill.boot).toEqual({
      ...{ command: ["node", "server.js"], env: { TOKEN: { kind: "secret", name: "METRICS_TOKEN" } } },
      ...{ database: "SHOP_DB", port: "PORT", ready: "/readyz", within: 30_000 },
    });
    expect(names).toContainEqual({
      ...{ kind: "secret", name: "METRICS_TOKEN", path: "drill.boot.env.TOKEN", reader: "command" },
    });
  });

  it("takes what is said", () => {
    const checks = [health()];
    const boot = { command: ["x"], env: { A: "b", C: env("D") }, database: "DB", port: "LISTEN", checks };
    expect(resolve({ ...boot, ready: "/up?deep=1", within: "2m" }, { D: "e" }).drill.boot).toEqual({
      ...{ ...boot, env: { A: "b", C: "e" }, ready: "/up?deep=1", within: 120_000 },
    });
  });

  test.each<[unknown, RegExp]>([
    [{}, /^drill\.boot\.command: /],
    [{ command: "node server.js" }, /^drill\.boot\.command: got "node server\.js", wanted a program and/],
    [{ command: [] }, /^drill\.boot\.command: /],
    [{ command: ["node"], env: { "A-B": "c" } }, /^drill\.boot\.env/],
    [{ command: ["node"], env: { A: 1 } }, /^drill\.boot\.env\.A: got 1, wanted a text/],
    [{ command: ["node"], env: { A: env("NOWHERE") } }, /^drill\.boot\.env\.A: .*variable NOWHERE/],
    [{ command: ["node"], env: { PORT: "3000" } }, /^drill\.boot\.env\.PORT: .*the drill sets it/],
    [
      { command: ["node"], env: { OTHER: secret("SHOP_DB") } },
      /OTHER: .*anything but the database of production/,
    ],
    [
      { command: ["node"], env: { OTHER: env("SHOP_DB", "x") } },
      /OTHER: .*anything but the database of production/,
    ],
    [{ command: ["node"], database: "X", port: "X" }, /^drill\.boot\.port: /],
    [{ command: ["node"], ready: "readyz" }, /^drill\.boot\.ready: /],
    [{ command: ["node"], within: "1h" }, /^drill\.boot\.within: got "1h", wanted "1s" to "10m"/],
    [{ command: ["node"], checks: ["health"] }, /^drill\.boot\.checks\[0\]: /],
    [{ command: ["node"], comand: [] }, /^drill\.boot\.comand: got an unknown key/],
  ])("refuses %j", (boot, problem) => {
    const found = () => resolve(boot);
    expect(found).toThrow();
    try {
      found();
    } catch (error) {
      const told = (error as SeakeepError).problems.map((p) => `${p.path}: got ${p.got}, wanted ${p.wanted}`);
      expect(told.join("\n")).toMatch(problem);
    }
  });
});
