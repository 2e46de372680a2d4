import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "seakeep-cli-"));
  symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function cli(args: string[], signal = new AbortController().signal) {
  let [out, err] = ["", ""];
  const code = await run(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    environment: {},
    cwd: folder,
    signal,
  });
  return { code, out, err };
}

function config(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe("seakeep", () => {
  it("lists its verbs under --help", async () => {
    const { code, out } = await cli(["--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}generate /m);
  });

  it.each([
    "generate",
    "check",
    "restore",
    ...["create", "list", "show", "verify", "prune"].map((verb) => `backup ${verb}`),
  ])("shows examples under %s --help", async (verb) => {
    const { code, out } = await cli([...verb.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/--config <file>[\s\S]*--json[\s\S]*Examples:\n {2}\$ .*seakeep /);
  });

  it("lists the verbs of a group under its --help", async () => {
    const { code, out } = await cli(["backup", "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}create /m);
  });

  it.each([
    [["backup"]],
    [["backup", "craete"]],
    [["backup", "show"]],
    [["backup", "list", "b000001"]],
    [["backup", "verify"]],
    [["backup", "list"]],
    [["restore", "latest"]],
    [["restore", "latest", "--swap", "--undo"]],
    [["restore", "latest", "--into", "x", "--drain", "soon"]],
    [["backup", "prune", "--keep-daily", "0"]],
    [["backup", "prune", "--keep-daily", "1", "--delete", "--dry-run"]],
    [["backup", "create", "--store", "file:///tmp"]],
    [[]],
    [["genrate"]],
    [["generate", "--oot", "x"]],
    [["generate", "--scale", "60"]],
  ])("takes %j for wrong usage", async (args) => {
    const { code, out, err } = await cli(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).not.toBe("");
  });

  it("prints its version", async () => {
    expect((await cli(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("says what happened, why and what to do, and under --json once more for machines", async () => {
    const { code, out, err } = await cli(["generate", "--config", "absent.ts", "--json"]);
    expect(code).toBe(2);
    expect(err).toMatch(/^error SK-CONFIG-001: absent\.ts was not found in .*\n {2}why: .*\n {2}fix: .*\n$/);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "SK-CONFIG-001", problems: [] } });
  });

  it("carries every problem of a service declaration, though another copy of the contract raised it", async () => {
    const file = config(
      "bad-service.config.ts",
      `import { defineService } from "@seakeep/contract";
       export default defineService({ name: "Shop", owner: "sales", slos: [] });`,
    );
    const { code, out } = await cli(["generate", "--config", file, "--json"]);
    expect(code).toBe(2);
    const { error } = JSON.parse(out) as { error: { code: string; problems: { path: string }[] } };
    expect(error.code).toBe("SK-SERVICE-001");
    expect(error.problems.map(({ path }) => path)).toEqual(["name", "slos"]);
  });

  it("calls a fault of its own one", async () => {
    const { code, err } = await runWithBrokenOutput();
    expect(code).toBe(70);
    expect(err).toContain("error SK-INTERNAL-001: the pipe burst");
    expect(err).toContain("Report it");
  });

  it("answers 130 when it was interrupted", async () => {
    expect((await cli(["generate", "--config", "absent.ts"], AbortSignal.abort())).code).toBe(130);
  });
});

/** Whatever a verb did not foresee; here, an output that fails. */
async function runWithBrokenOutput() {
  const file = config(
    "good.config.ts",
    `import { defineService, errors } from "@seakeep/contract";
     import { defineOps } from "seakeep";
     const service = defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] });
     export default defineOps({ service, url: "http://127.0.0.1:3000" });`,
  );
  let err = "";
  const code = await run(["generate", "--config", file], {
    stdout: {
      write() {
        throw new Error("the pipe burst");
      },
    },
    stderr: { write: (text) => (err += text) },
    environment: {},
    cwd: folder,
    signal: new AbortController().signal,
  });
  return { code, err };
}
