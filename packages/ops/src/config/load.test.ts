import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "./load.ts";

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "seakeep-load-"));
  symlinkSync(join(import.meta.dirname, "../../../../node_modules"), join(cwd, "node_modules"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const load = (text: string, environment: Record<string, string> = {}) => {
  writeFileSync(join(cwd, "seakeep.config.ts"), text);
  return loadConfig({ cwd, environment });
};

const SERVICE = `
import { defineService, errors } from "@seakeep/contract";
import { defineOps, env } from "seakeep";
const service = defineService({ name: "shop", owner: "sales" as string, slos: [errors({ objective: 99 })] });`;

describe("loadConfig", () => {
  it("loads TypeScript without a build step and reads the environment it is given", async () => {
    const text = `${SERVICE} export default defineOps({ service, url: env("URL") });`;
    const { ops, folder } = await load(text, { URL: "http://127.0.0.1:1" });
    expect(ops).toMatchObject({ url: "http://127.0.0.1:1", service: { name: "shop" } });
    expect(folder).toBe(cwd);
  });

  it.each([
    ["SK-CONFIG-002", "export default {", "could not be run"],
    ["SK-CONFIG-002", 'import "no-such-package"; export default 1;', "no-such-package"],
    ["SK-CONFIG-003", "export const config = {};", "no default export"],
    ["SK-CONFIG-004", "export default { url: 1 };", "not made by defineOps()"],
    ["SK-CONFIG-005", `${SERVICE} export default defineOps({ service, url: env("URL") });`, "has 1 problem:"],
  ])("answers %s to %j", async (code, text, says) => {
    await expect(load(text)).rejects.toMatchObject({ code, what: expect.stringContaining(says) });
  });

  it("answers SK-CONFIG-001 when there is no file", async () => {
    await expect(loadConfig({ file: "other.ts", cwd, environment: {} })).rejects.toMatchObject({
      code: "SK-CONFIG-001",
      what: `other.ts was not found in ${cwd}.`,
    });
  });
});
