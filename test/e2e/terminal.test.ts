import { spawn } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openScratch, type Scratch } from "../stack/index.ts";

// What is asked at a terminal, and the ways of not answering: `script` is that terminal.
const root = join(import.meta.dirname, "../..");
const command = join(dirname(createRequire(import.meta.url).resolve("seakeep")), "../bin/seakeep.js");

const CONFIG = `import { defineService, errors } from "@seakeep/contract";
import { check, defineOps } from "seakeep";
export default defineOps({
  service: defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] }),
  url: "http://127.0.0.1:18080",
  checks: [check("never", () => { throw new Error("it never passes"); })],
});
`;

let scratch: Scratch;
let project: string;

beforeAll(async () => {
  scratch = await openScratch();
  project = join(scratch.folder, "project");
  await mkdir(project);
  await symlink(join(root, "node_modules"), join(project, "node_modules"));
  await writeFile(join(project, "seakeep.config.ts"), CONFIG);
});
afterAll(() => scratch?.close());

/** Types at the prompt, and answers the exit code and what the terminal showed. */
function typed(keys: string): Promise<{ readonly code: number | null; readonly shown: string }> {
  const words = [process.execPath, command, "release", "check", "--version", "v1", "--override", "checks=x"];
  const child = spawn("script", ["-qec", words.join(" "), "/dev/null"], { cwd: project, detached: true });
  scratch.guard(child.pid!, "SIGKILL");
  return new Promise((resolve) => {
    let shown = "";
    let asked = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      if (asked || !shown.includes("Type checks to override it")) return;
      asked = true;
      child.stdin.write(keys);
    });
    child.once("close", (code) => {
      scratch.release(child.pid!);
      resolve({ code, shown });
    });
  });
}

it.each([
  ["Ctrl-C", "\x03"],
  ["Ctrl-D", "\x04"],
])("%s at a question is an interruption, and neither an answer nor a fault", async (_, key) => {
  const { code, shown } = await typed(key);
  expect(code, shown).toBe(130);
  expect(shown).not.toContain("SK-INTERNAL");
});

it("takes the gate's name and nothing else", async () => {
  expect((await typed("yes\r")).shown).toContain("SK-RELEASE-003");
  const { code, shown } = await typed("checks\r");
  expect(code).toBe(1);
  expect(shown).toContain("overridden");
});
