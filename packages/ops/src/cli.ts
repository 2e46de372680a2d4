import { readFileSync } from "node:fs";
import { ERRORS, type SeakeepError } from "@seakeep/contract";
import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit.ts";
import { createOutput, type Environment, type Sink } from "./print.ts";
import type { CommonVerbOptions, Verb } from "./verb.ts";

interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  /** Imports the verb; only the one that is called is ever loaded. */
  readonly load: () => Promise<Verb<never>>;
}

const VERBS: readonly VerbEntry[] = [
  {
    name: "generate",
    summary: "write the rules, scrape, probe, routing and document files that the declaration asks for",
    load: async () => (await import("./commands/generate.ts")).generate,
  },
  {
    name: "check",
    summary: "check what was deployed: health, metrics gate, OpenAPI schema, shape of errors",
    load: async () => (await import("./commands/check.ts")).check,
  },
];

/** The edges of the process that a run touches. */
export interface Host {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Environment;
  readonly cwd: string;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
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
    .showHelpAfterError("Run it with --help to see what it takes.")
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    })
    .exitOverride();
  program.addHelpText("after", "\nEach verb has examples: seakeep generate --help\n");
  const called = args.find((arg) => !arg.startsWith("-"));
  for (const { name, summary, load } of VERBS) {
    const command = program.command(name).description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
    command.summary(summary);
    if (name === called) wire(command, await load(), host, finish);
  }
  return program;
}

function wire(command: Command, verb: Verb<never>, host: Host, finish: (code: ExitCode) => void): void {
  command
    .option("--config <file>", "the operations file (default: seakeep.config.ts in this folder)")
    .option("--json", "print one JSON document on standard output and nothing else");
  verb.define(command);
  command.action(async (options: CommonVerbOptions) => {
    const { cwd, environment, signal } = host;
    const output = createOutput(host, options.json === true);
    finish(await verb.run(options as never, { cwd, environment, signal, output }));
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

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
