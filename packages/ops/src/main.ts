import { createInterface } from "node:readline/promises";
import { run } from "./cli.ts";
import { EXIT } from "./exit.ts";

/** How long a verb may take to clean up after a signal, milliseconds. */
const GRACE = 5_000;

const interruption = new AbortController();
// A scheduler ends what it started with SIGTERM: that is to be cleaned up after as well.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interruption.abort();
    // A second one, or a verb that does not come to an end, leaves at once.
    process.once(signal, () => process.exit(EXIT.interrupted));
    setTimeout(() => process.exit(EXIT.interrupted), GRACE).unref();
  });
}

// The reader of a pipe may leave early (`seakeep ... | head`): that is its right, not our fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? EXIT.passed);
});

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const leave = () => interruption.abort();
  terminal.once("SIGINT", leave);
  // Ctrl-D, or a terminal that is gone, is no answer.
  terminal.once("close", leave);
  try {
    return await terminal.question(question, { signal });
  } finally {
    terminal.off("close", leave);
    terminal.close();
  }
}

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: process.cwd(),
  signal: interruption.signal,
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
});
if (interruption.signal.aborted) process.exit(EXIT.interrupted);
