import { spawn } from "node:child_process";
import type { Scratch } from "./scratch.ts";

/** A program that runs to its end. */
export interface CommandSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** Nothing of this process's own environment is passed on except PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The user to run as, when this process may choose. */
  readonly as?: { readonly uid: number; readonly gid: number };
}

/** What a program answered. */
export interface CommandResult {
  /** The exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code; the scratch ends it if this process ends first. */
export async function runCommand(scratch: Scratch, spec: CommandSpec): Promise<CommandResult> {
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd ?? scratch.folder,
    detached: true,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...spec.env },
    stdio: ["ignore", "pipe", "pipe"],
    ...spec.as,
  });
  const { pid } = child;
  if (pid !== undefined) scratch.guard(pid, "SIGKILL");
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | undefined>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? undefined));
  });
  if (pid !== undefined) scratch.release(pid);
  return { code, stdout, stderr };
}

/** Runs a program that must succeed, and returns what it wrote to standard output. */
export async function mustRun(scratch: Scratch, spec: CommandSpec): Promise<string> {
  const { code, stdout, stderr } = await runCommand(scratch, spec);
  if (code === 0) return stdout;
  throw new Error(`${spec.command} ${spec.args.join(" ")} ended with ${code}\n${stdout}${stderr}`);
}
