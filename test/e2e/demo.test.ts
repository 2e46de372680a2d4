import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mustRun } from "../stack/commands.ts";
import { openScratch, type Scratch } from "../stack/index.ts";
import { GiveUp, until } from "../stack/until.ts";

const demo = fileURLToPath(new URL("../dist/demo/main.js", import.meta.url));

let scratch: Scratch;
/** The temporary folder that the demo is given: whatever it leaves is in here. */
let temporary: string;

beforeEach(async () => {
  scratch = await openScratch();
  temporary = await mkdtemp(join(tmpdir(), "seakeep-demo-"));
  await chmod(temporary, 0o755);
});

afterEach(async () => {
  await rm(temporary, { recursive: true });
  await scratch.close();
});

test("a demo killed half-way leaves no process and no file", async () => {
  const child = spawn(process.execPath, [demo, "--once"], {
    env: { ...process.env, TMPDIR: temporary, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await until(
    "the demo's first page",
    () => {
      if (child.exitCode !== null) throw new GiveUp(output);
      return output.includes("PAGE");
    },
    { within: 100_000, every: 200 },
  );
  const family = await descendants(child.pid!);
  expect(family.length).toBeGreaterThan(6);
  expect(await readdir(temporary)).not.toEqual([]);

  child.kill("SIGKILL");
  await until("an empty temporary folder", async () => (await readdir(temporary)).length === 0, {
    within: 15_000,
  });
  await until("no process left", async () => (await alive(family)).length === 0, { within: 15_000 });
});

interface Process {
  readonly pid: number;
  readonly parent: number;
}

/** Every process that is not a zombie, which is a process no more. */
async function processes(): Promise<Process[]> {
  const lines = await mustRun(scratch, { command: "ps", args: ["-A", "-o", "pid=,ppid=,stat="] });
  return lines
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => !state?.startsWith("Z"))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

async function descendants(root: number): Promise<number[]> {
  const all = await processes();
  const below = (pid: number): number[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(root);
}

async function alive(pids: readonly number[]): Promise<number[]> {
  return (await processes()).map(({ pid }) => pid).filter((pid) => pids.includes(pid));
}
