import { ERRORS, type SeakeepError } from "@seakeep/contract";
import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit.ts";
import { createOutput, type Environment, type Sink } from "./print.ts";
import type { Ask, CommonVerbOptions, Verb } from "./verb.ts";
import { version } from "./version.ts";

interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  /** Imports the verb; only the one that is called is ever loaded. */
  readonly load: () => Promise<Verb<never>>;
}

/** Verbs of one subject, called as two words: `seakeep backup create`. */
interface VerbGroup {
  readonly name: string;
  readonly summary: string;
  readonly verbs: readonly VerbEntry[];
}

const BACKUP: readonly VerbEntry[] = [
  {
    name: "create",
    summary: "back up a Postgres database to a store",
    load: async () => (await import("./commands/backup/create.ts")).create,
  },
  {
    name: "list",
    summary: "list the backups of a store, and which of them are proven",
    load: async () => (await import("./commands/backup/list.ts")).list,
  },
  {
    name: "show",
    summary: "show what a backup holds",
    load: async () => (await import("./commands/backup/show.ts")).show,
  },
  {
    name: "verify",
    summary: "re-read every byte and every hash of a backup",
    load: async () => (await import("./commands/backup/verify.ts")).verify,
  },
  {
    name: "prune",
    summary: "delete the backups that the rules no longer keep",
    load: async () => (await import("./commands/backup/prune.ts")).prune,
  },
  {
    name: "metrics",
    summary: "tell Prometheus what the store holds",
    load: async () => (await import("./commands/backup/metrics.ts")).metrics,
  },
  {
    name: "schedule",
    summary: "print or write what makes cron, systemd, Kubernetes or GitHub run backups and drills",
    load: async () => (await import("./commands/backup/schedule.ts")).schedule,
  },
];

const VERBS: readonly (VerbEntry | VerbGroup)[] = [
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
  { name: "backup", summary: "create, list, verify and prune backups of the database", verbs: BACKUP },
  {
    name: "restore",
    summary: "restore a backup into a new database, validate it, and swap it in",
    load: async () => (await import("./commands/restore.ts")).restore,
  },
  {
    name: "drill",
    summary: "prove a backup: restore it to a scratch server, and hold it to what you expect of the data",
    load: async () => (await import("./commands/drill.ts")).drill,
  },
];

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
