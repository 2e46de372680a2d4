import { spawn } from "node:child_process";
import type { CommandResult } from "../stack/commands.ts";
import type { Scratch } from "../stack/scratch.ts";
import { COMMAND, readRun, type World } from "./world.ts";

/** Where a run is killed: while the command of a step runs, or right after the step was noted as done. */
export interface Place {
  readonly step: number;
  readonly at: "within" | "after";
}

/**
 * Runs `seakeep` in the world and kills it, as `kill -9` does, at the first of the places that it comes to.
 *
 * @returns the place, or the exit code when it ended by itself
 */
export async function runUntilKilled(
  scratch: Scratch,
  { folder, env, state }: World,
  args: readonly string[],
  places: readonly Place[],
): Promise<CommandResult & { readonly killed?: Place }> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  scratch.guard(child.pid!, "SIGKILL");
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  let ended: number | undefined;
  const gone = new Promise<void>((resolve) => {
    child.once("close", (code) => {
      ended = code ?? -1;
      scratch.release(child.pid!);
      resolve();
    });
  });
  while (ended === undefined) {
    const { progress = [] } = (await readRun(state)) ?? {};
    const place = places.find(({ step, at }) => {
      const { state: reached, group } = progress[step] ?? {};
      return at === "after" ? reached === "done" : reached === "started" && group !== undefined;
    });
    if (place !== undefined) {
      child.kill("SIGKILL");
      await gone;
      return { killed: place, code: undefined, stdout, stderr };
    }
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return { code: ended, stdout, stderr };
}
