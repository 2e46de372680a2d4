import type { Command } from "commander";
import type { ExitCode } from "./exit.ts";
import type { Environment, Output } from "./print.ts";

/** What a verb is given: the edges of the process, as arguments. */
export interface Invocation {
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly environment: Environment;
  readonly output: Output;
  /** Aborted on Ctrl-C: stop, clean up, and return or throw. */
  readonly signal: AbortSignal;
  /** Asks whoever sits at the terminal; absent where nobody does: then name the option that stands in for the answer. */
  readonly ask?: Ask;
}

/** Shows a question and answers what was typed, without its line break. */
export type Ask = (question: string, signal: AbortSignal) => Promise<string>;

/** Options that every verb has. */
export interface CommonVerbOptions {
  /** `--config`: path of seakeep.config.ts. */
  readonly config?: string;
  readonly json?: boolean;
  /** What stands on the command line besides options, when the verb takes such. */
  readonly operands: readonly string[];
}

/** One verb of the command: parse, call, print, nothing else. */
export interface Verb<Options extends CommonVerbOptions = CommonVerbOptions> {
  /** Adds the verb's own options and examples; `--config`, `--json` and `--help` are there already. */
  define(command: Command): void;
  run(options: Options, invocation: Invocation): Promise<ExitCode>;
}

/** Text under `--help`: a heading and one example a line, each with what it does. */
export function examples(list: readonly (readonly [command: string, does: string])[]): string {
  const lines = list.map(([command, does]) => `  $ ${command}\n      ${does}`);
  return `\nExamples:\n${lines.join("\n")}\n`;
}
