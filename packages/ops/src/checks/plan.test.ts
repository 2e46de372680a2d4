import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Plan, type PlanOptions, plan } from "./plan.ts";

let empty: string;
let project: string;

beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), "seakeep-plan-"));
  project = await mkdtemp(join(tmpdir(), "seakeep-plan-"));
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).pathname);
  const file = (checks: string) => `
    import { defineService, errors } from ${source("../../../contract/dist/index.js")};
    import { defineOps, env, health, openapi } from ${source("../../dist/index.js")};
    const service = defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] });
    export default defineOps({ service, url: env("SHOP_URL"), metrics: { path: "/internal/metrics" } ${checks} });
  `;
  const checks = ', checks: [health(), health("/readyz", { name: "ready" }), openapi("/schema")]';
  await writeFile(join(project, "seakeep.config.ts"), file(checks));
  await writeFile(join(project, "silent.config.ts"), file(""));
  await writeFile(join(project, "none.config.ts"), file(", checks: []"));
  await writeFile(join(project, "twice.config.ts"), file(", checks: [health(), health()]"));
});

afterAll(async () => {
  await rm(empty, { recursive: true });
  await rm(project, { recursive: true });
});

function planIn(cwd: string, options: PlanOptions, environment: Record<string, string> = {}): Promise<Plan> {
  return plan(options, { cwd, environment });
}

const names = ({ checks }: Plan): string[] => checks.map(({ name }) => name);

describe("without a configuration", () => {
  test("a URL is enough for the four default checks", async () => {
    const planned = await planIn(empty, { url: "http://shop.example/base/" });
    expect(names(planned)).toEqual(["health", "metrics-gate", "openapi", "problem-shape"]);
    expect(planned.target.url.href).toBe("http://shop.example/base/");
    expect(planned.target.service).toBeUndefined();
    expect(planned.target.metrics).toEqual({ path: "/metrics" });
  });

  test.each([
    ["nothing", {}, "Neither --url nor a seakeep.config.ts"],
    ["no URL", { url: "shop.example" }, "is not a URL"],
    ["another scheme", { url: "ftp://shop.example" }, "is not an http or https URL"],
    ["a query", { url: "http://shop.example/?a=1" }, "has a query or a fragment"],
    ["credentials", { url: "http://me:hunter22@shop.example" }, "holds credentials"],
  ])("%s is refused", async (_what, options, message) => {
    const planned = planIn(empty, options);
    await expect(planned).rejects.toThrow(`SK-CHECK-001`);
    await expect(planned).rejects.toThrow(message);
    await expect(planned).rejects.not.toThrow(/hunter22/);
  });

  test("a file that was named must be there", async () => {
    const planned = planIn(empty, { config: "mine.ts", url: "http://shop.example" });
    await expect(planned).rejects.toThrow("SK-CONFIG-001");
  });
});

describe("with a configuration", () => {
  const environment = { SHOP_URL: "http://shop.internal:3000" };

  test("its checks, URL, declaration and metrics path count", async () => {
    const planned = await planIn(project, {}, environment);
    expect(names(planned)).toEqual(["health", "ready", "openapi"]);
    expect(planned.target.url.href).toBe("http://shop.internal:3000/");
    expect(planned.target.service?.name).toBe("shop");
    expect(planned.target.metrics.path).toBe("/internal/metrics");
  });

  test("--url stands in for its URL, whose variable may then be missing", async () => {
    const planned = await planIn(project, { url: "https://canary.example" });
    expect(planned.target.url.href).toBe("https://canary.example/");
  });

  test("one that says nothing of checks means the default four", async () => {
    const planned = await planIn(project, { config: "silent.config.ts" }, environment);
    expect(names(planned)).toEqual(["health", "metrics-gate", "openapi", "problem-shape"]);
  });

  test.each([
    ["no check at all", { config: "none.config.ts" }, "SK-CHECK-002"],
    ["a name twice", { config: "twice.config.ts" }, "SK-CHECK-004"],
    ["--schema beside it", { schema: "/openapi.json" }, "SK-CHECK-007"],
  ])("%s is refused", async (_what, options, code) => {
    await expect(planIn(project, options, environment)).rejects.toThrow(code);
  });

  test("--only picks by name or kind, and must hit", async () => {
    expect(names(await planIn(project, { only: ["ready"] }, environment))).toEqual(["ready"]);
    expect(names(await planIn(project, { only: ["health"] }, environment))).toEqual(["health", "ready"]);
    const missed = planIn(project, { only: ["health", "redy"] }, environment);
    await expect(missed).rejects.toThrow(
      /SK-CHECK-003: No check is called "redy".*\n.*\n.*Did you mean ready\?/,
    );
  });
});
