import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Connection } from "./connection.ts";
import { openPasswordFile } from "./password-file.ts";
import { redact } from "./redact.ts";

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error, without secrets. */
  readonly errors: string;
}

/** A running program of Postgres. */
export interface Program {
  readonly pid: number | undefined;
  /** Empty when `ProgramOptions.stdout` has it. */
  readonly stdout: Readable;
  /** Never rejects. Resolves once the process is gone and its output is read or destroyed. */
  readonly ended: Promise<Ending>;
  /** Asks it to stop, kills it after a while. Safe when it has ended. */
  stop(): void;
}

export interface ProgramOptions {
  readonly path: string;
  readonly args: readonly string[];
  readonly connection: Connection;
  /** One whole line of standard error, without secrets. */
  readonly onError?: (line: string) => void;
  /** Where its output goes. Default: {@link Program.stdout}. */
  readonly stdout?: Socket | undefined;
}

/** Of standard error, so much is kept for the message. */
const KEPT = 16 * 1024;
/** Milliseconds between asking and killing. */
const PATIENCE = 5_000;

/**
 * Starts a program of Postgres against a connection. All it gets to know comes by a small environment of its own, the
 * password by a file that only it can read; its arguments hold nothing secret.
 */
export function startProgram({ path, args, connection, onError, stdout }: ProgramOptions): Program {
  const passwords = openPasswordFile(connection);
  let child: ChildProcess;
  try {
    child = spawn(path, args, {
      env: environment(connection, passwords.path),
      stdio: ["ignore", stdout ?? "pipe", "pipe", passwords.descriptor ?? "ignore"],
    });
  } catch (error) {
    passwords.close();
    throw error;
  }
  const stderr = collect(child.stderr!, connection, onError);
  let overdue: NodeJS.Timeout | undefined;
  const ended = new Promise<Ending>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(overdue);
      passwords.close();
      resolve({ code, signal, errors: stderr() });
    };
    child.once("error", (error) => {
      // Could not be started at all: no other event follows.
      if (child.pid === undefined) {
        passwords.close();
        resolve({ code: null, signal: null, errors: error.message });
      }
    });
    child.once("close", settle);
  });
  return {
    pid: child.pid,
    stdout: child.stdout ?? Readable.from([]),
    ended,
    stop() {
      // Output that nobody reads any more would keep the process from being gone.
      child.stdout?.destroy();
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      overdue ??= setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    },
  };
}

function environment(connection: Connection, passwordFile: string | undefined): NodeJS.ProcessEnv {
  const inherited = ["PATH", "HOME", "PGPASSFILE", "TMPDIR", "SYSTEMROOT"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PGAPPNAME: "seakeep",
    PGCONNECT_TIMEOUT: "15",
    ...connection.settings,
    ...Object.fromEntries(inherited),
    // Messages in one language, so that they can be told apart.
    LC_ALL: "C",
    PGHOST: connection.host,
    PGPORT: String(connection.port),
    PGUSER: connection.user,
    PGDATABASE: connection.database,
    ...(passwordFile !== undefined && { PGPASSFILE: passwordFile }),
  };
}

/** Redacts by whole lines: a secret that is cut in two would not be known as one. */
function collect(stream: Readable, connection: Connection, onLine?: (line: string) => void): () => string {
  let kept = "";
  let partial = "";
  const take = (line: string) => {
    const shown = line.length > KEPT ? "(a very long line)" : redact(line, connection);
    kept = `${kept}${shown}\n`.slice(-KEPT);
    onLine?.(shown);
  };
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (partial + text).split("\n");
    // Of a line that is too long only that matters.
    partial = lines.pop()!.slice(0, KEPT + 1);
    for (const line of lines) take(line);
  });
  return () => {
    if (partial !== "") take(partial);
    partial = "";
    return kept.trim();
  };
}
