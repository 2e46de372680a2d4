import { spawn } from "node:child_process";
import type { Connection } from "../../../postgres/connection.ts";
import { redact } from "../../../postgres/redact.ts";
import type { Environment } from "../../../print.ts";
import type { OldCodeEvidence } from "./evidence.ts";

/** A program that exits with 0 when the previous release works with the database of its DATABASE_URL. */
export interface OldCommand {
  /** Program and arguments; no shell reads them. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly environment: Environment;
  /** Names of the variables that hold the database's URL. */
  readonly variables: readonly string[];
  /** Milliseconds for one run. */
  readonly timeout: number;
}

/** Of its output, so much is told when it fails. */
const KEPT = 300;

/** Runs it on the old schema, where it has to work, and on the new one. Each has a copy to itself. */
export async function tryCommand(
  command: OldCommand,
  before: Connection,
  after: Connection,
  signal: AbortSignal,
): Promise<OldCodeEvidence> {
  const name = `\`${command.words.join(" ")}\``;
  const old = await run(command, before, signal);
  if (old !== undefined) {
    return { runs: "unknown", evidence: [`${name} did not work before either: ${old}`] };
  }
  const now = await run(command, after, signal);
  return now === undefined
    ? { runs: "yes", evidence: [`${name} worked before and after`] }
    : { runs: "no", evidence: [`${name} worked before and no longer works: ${now}`] };
}

/** Why it did not work; `undefined`: it did. */
async function run(
  command: OldCommand,
  connection: Connection,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  const [program, ...args] = command.words as [string, ...string[]];
  const { cwd, timeout } = command;
  // A process group of its own, so that what it starts ends with it.
  const child = spawn(program, args, {
    cwd,
    env: environmentFor(command, connection),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-KEPT);
    });
  }
  let late = false;
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is gone.
    }
  };
  const overdue = setTimeout(() => {
    late = true;
    end();
  }, timeout);
  signal.addEventListener("abort", end, { once: true });
  try {
    const how = await new Promise<number | string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, ended) => resolve(code ?? ended ?? "nothing"));
    });
    signal.throwIfAborted();
    if (late) return `it did not end within ${timeout / 1000} s`;
    if (how === 0) return undefined;
    const said = redact(output, connection).replace(/\s+/g, " ").trim();
    return `it ended with ${how}${said === "" ? "" : `: ${said}`}`;
  } finally {
    clearTimeout(overdue);
    signal.removeEventListener("abort", end);
    end();
  }
}

/** Nothing is left in it that would lead libpq, or a client that reads its variables, to another database. */
function environmentFor(
  { environment, variables }: OldCommand,
  { host, port, user, database, password }: Connection,
): NodeJS.ProcessEnv {
  const url = new URL("postgres://localhost");
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password() ?? "");
  url.pathname = `/${encodeURIComponent(database)}`;
  url.searchParams.set("host", host);
  url.searchParams.set("port", String(port));
  const files = variables.map((name) => `${name}_FILE`);
  const kept = Object.entries(environment).filter(
    ([name]) => !/^PG[A-Z]+$/.test(name) && !files.includes(name),
  );
  return { ...Object.fromEntries(kept), ...Object.fromEntries(variables.map((name) => [name, url.href])) };
}
