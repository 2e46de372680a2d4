import { spawn } from "node:child_process";
import type { Scratch } from "@seakeep/test/dist/stack/index.js";
import { type Memory, watchMemory } from "./tree.ts";

/** What a command took, Postgres and the store not included in `cpu` and memory. */
export interface Cost extends Memory {
  /** Seconds of the clock. */
  readonly wall: number;
  /** Seconds of CPU, user and system, of all processes of the command. */
  readonly cpu: number;
}

/** Runs a line of bash that must succeed, and answers what it cost and wrote. `$1` and so on are `args`. */
export async function timed(
  scratch: Scratch,
  line: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Cost & { readonly stdout: string }> {
  const script = `set -eo pipefail; TIMEFORMAT='cpu %U %S'; time { ${line}; }`;
  const started = performance.now();
  const child = spawn("bash", ["-c", script, "bash", ...args], {
    cwd: scratch.folder,
    detached: true,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", LC_ALL: "C", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("bash did not start");
  scratch.guard(pid, "SIGKILL");
  const peak = watchMemory(pid);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  const wall = (performance.now() - started) / 1000;
  scratch.release(pid);
  const memory = peak();
  const [, user, system] = /^cpu ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? [];
  if (code !== 0 || system === undefined) throw new Error(`${line} ended with ${code}\n${stdout}${stderr}`);
  return { wall, cpu: Number(user) + Number(system), ...memory, stdout };
}
