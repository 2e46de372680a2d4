import { tmpdir } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { TrialOptions } from "../../backup/drill/trial.ts";
import type { RestoreOptions } from "../../backup/restore.ts";
import type { Invocation } from "../../verb.ts";
import { count } from "./count.ts";
import { createMeter } from "./meter.ts";
import { IDENTITY_HELP, readIdentities } from "./where.ts";

/** Options of every verb that restores. */
export interface RestoringOptions {
  readonly identity?: string;
  readonly jobs?: number;
  readonly workDir: string;
}

/**
 * Adds them.
 *
 * @param room what lives in the work folder
 */
export function defineRestoring(command: Command, room: string): void {
  command
    .option("--identity <file>", IDENTITY_HELP)
    .option("--jobs <count>", "parallel workers (default: the processors, at most 8)", count)
    .option("--work-dir <folder>", `where ${room}`, tmpdir());
}

/** Absolute path of the folder that dumps are unpacked in. */
export function workFolderOf({ workDir }: RestoringOptions, { cwd }: Invocation): string {
  return resolve(cwd, workDir);
}

/** What all restores of a run are told; each shows its own progress. */
export async function restoringWith(
  options: RestoringOptions,
  invocation: Invocation,
): Promise<(expectedBytes: number) => TrialOptions> {
  const { output, signal } = invocation;
  const identities = await readIdentities(options.identity, invocation);
  const workFolder = workFolderOf(options, invocation);
  return (expectedBytes) => ({
    ...{ identities, workFolder, signal, jobs: options.jobs },
    ...progress(invocation, expectedBytes),
    onWarning: (warning) => output.note(`warning: ${warning}`),
  });
}

/** Shows how far a restore is. */
function progress(
  { output }: Invocation,
  expectedBytes: number,
): Required<Pick<RestoreOptions, "onBytes" | "onStep">> {
  const meter = createMeter(output, () => performance.now());
  const words = { fetch: "fetching", restore: "restoring", validate: "comparing" };
  let [read, word] = [0, words.fetch];
  return {
    // Rows of large tables are fetched while they are restored.
    onBytes: (bytes) => {
      read += bytes;
      meter(word, read, expectedBytes);
    },
    onStep: (step) => {
      word = words[step];
      output.status(word);
    },
  };
}
