import { ERRORS, type SeakeepError } from "@seakeep/contract";
import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit.ts";
import { createOutput, type Environment, type Sink } from "./print.ts";
import type { Ask, CommonVerbOptions, Verb } from "./verb.ts";
import { VERBS } from "./verbs.ts";
import { version } from "./version.ts";

/** The edges of the process that a run touches. */
export interface Host {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Environment;
  readonly cwd: string;
  /** Aborted on Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Asks whoever sits at the terminal; absent where nobody does. */
  readonly ask?: Ask;
}

/**
 * Runs one command line and answers its exit code. Never throws: whatever goes wrong is printed to standard error,
 * and under `--json` also as `{ "error": ... }` on standard output.
 */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  let code: ExitCode = EXIT.passed;
  try {
    const program = await buildProgram(args, host, (verdict) => {
      code = verdict;
    });
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (host.signal.aborted) return EXIT.interrupted;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
    return reportError(error, host, args.includes("--json"));
  }
}

async function buildProgram(
  args: readonly string[],
  host: Host,
  finish: (code: ExitCode) => void,
): Promise<Command> {
  const program = new Command("seakeep")
    .description("Keeps an HTTP service sound: generated alerting, checks of each deploy, one declaration.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    // So that --version before a verb is this one's, and behind it the verb's own.
    .enablePositionalOptions()
    .showHelpAfterError("Run it with --help to see what it takes.")
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    })
    .exitOverride();
  program.addHelpText("after", "\nEach verb has examples: seakeep generate --help\n");
  const [called, second] = args.filter((arg) => !arg.startsWith("-"));
  for (const entry of VERBS) {
    const command = describe(program, entry);
    if ("load" in entry) {
      if (entry.name === called) wire(command, await entry.load(), host, finish);
      continue;
    }
    command
      .helpCommand(false)
      .addHelpText("after", `\nEach has examples: seakeep ${entry.name} ${entry.verbs[0]?.name} --help\n`);
    for (const verb of entry.verbs) {
      const inner = describe(command, verb);
      if (entry.name === called && verb.name === second) wire(inner, await verb.load(), host, finish);
    }
  }
  return program;
}

function describe(parent: Command, { name, summary }: { name: string; summary: string }): Command {
  const description = `${summary[0]?.toUpperCase()}${summary.slice(1)}.`;
  return parent.command(name).description(description).summary(summary);
}

function wire(command: Command, verb: Verb<never>, host: Host, finish: (code: ExitCode) => void): void {
  command
    .option("--config <file>", "the operations file (default: seakeep.config.ts in this folder)")
    .option("--json", "print one JSON document on standard output and nothing else");
  verb.define(command);
  command.action(async () => {
    const { cwd, environment, signal, ask } = host;
    const options = command.opts<CommonVerbOptions>();
    const output = createOutput(host, options.json === true);
    finish(
      await verb.run({ ...options, operands: command.args } as never, {
        ...{ cwd, environment, signal, output },
        ...(ask && { ask }),
      }),
    );
  });
}

function reportError(error: unknown, host: Host, json: boolean): ExitCode {
  const output = createOutput(host, json);
  const { code, what, why, fix, exit, problems } = isSeakeepError(error) ? error : unforeseen(error);
  if (json) output.result({ error: { code, message: what, why, fix, problems } }, () => "");
  const label = output.paintNote("red", `error ${code}:`);
  output.note(`${label} ${what}\n  why: ${why}\n  fix: ${fix}`);
  if (exit === EXIT.internal && error instanceof Error && error.stack) {
    output.note(output.paintNote("dim", error.stack));
  }
  return exit;
}

type Reported = Pick<SeakeepError, "code" | "what" | "why" | "fix" | "exit" | "problems">;

function unforeseen(error: unknown): Reported {
  const what = error instanceof Error ? error.message : String(error);
  return { code: "SK-INTERNAL-001", what, ...ERRORS["SK-INTERNAL-001"], problems: [] };
}

/** By its shape, not its class: a project's own copy of the contract raises its own class. */
function isSeakeepError(error: unknown): error is SeakeepError {
  return (
    error instanceof Error &&
    error.name === "SeakeepError" &&
    /^SK-/.test(String((error as Partial<SeakeepError>).code))
  );
}
