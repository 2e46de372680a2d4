import { fileURLToPath } from "node:url";
import { EXIT, type ExitCode } from "../../exit.ts";
import { type Advice, advise } from "../../rollback/advice.ts";
import { type Gathered, gather } from "../../rollback/gather.ts";
import { type Commands, openCommands } from "../../rollback/run/command.ts";
import type { Surroundings } from "../../rollback/settings.ts";
import type { CommonVerbOptions, Invocation } from "../../verb.ts";
import { type StatementOptions, statements } from "./statements.ts";
import { configOf, connectionOf } from "./where.ts";

/** Options of `seakeep rollback advise`. */
export interface AdviseVerbOptions extends CommonVerbOptions, StatementOptions {
  readonly identity?: string;
  readonly run?: boolean;
  readonly confirm?: string;
  readonly acceptLoss?: string;
  readonly abort?: boolean;
  readonly state: string;
  readonly by?: string;
}

/** Where evidence is looked for and plans are run; close it. */
export type Around = Surroundings & {
  readonly close: () => void;
  readonly commands: Commands;
};

/** Reads the configuration. */
export async function openAround(options: AdviseVerbOptions, invocation: Invocation): Promise<Around> {
  const { cwd, environment, signal } = invocation;
  const { ops, folder } = await configOf(options, invocation);
  const self = [process.execPath, fileURLToPath(new URL("../../../bin/seakeep.js", import.meta.url))];
  const commands = openCommands({ cwd, folder, environment, signal, self });
  return {
    ...{ ops, folder, environment, signal, commands },
    connection: await connectionOf(ops, invocation),
    now: () => new Date(),
    run: (command) => commands.run(command),
    close: () => commands.close(),
  };
}

/** Looks, decides and plans. */
export async function gatherAdvice(
  options: AdviseVerbOptions,
  around: Surroundings,
): Promise<{ readonly gathered: Gathered; readonly advice: Advice }> {
  const said = statements(options);
  const gathered = await gather(around, said);
  const passedOn = {
    options: options.config === undefined ? [] : ["--config", options.config],
    identity: options.identity === undefined ? [] : ["--identity", options.identity],
  };
  return { gathered, advice: advise(gathered, around, said, passedOn) };
}

/** Exit code of an advice that nobody followed yet. */
export function exitOf({ decision }: Advice): ExitCode {
  if (decision === "wait") return EXIT.passed;
  return decision === "find-out" ? EXIT.unknown : EXIT.failed;
}
