import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import type { Answers } from "./child.ts";

const CHILD = new URL("./child.js", import.meta.url);

/**
 * V8 sizes the young generation as it goes, and two processes of the same code settle on sizes that make one of them
 * 20 % dearer. So all have the largest size, which is what a busy server grows to.
 */
const YOUNG_GENERATION = ["--min-semi-space-size=16", "--max-semi-space-size=16"];

/** A server in a process of its own, so that its CPU time is its own. Its stdout, where logs go, is the null device. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** @param module URL of a `ServerModule`. */
  static async start(module: URL, variant: string, execArgv: readonly string[] = []): Promise<ServerProcess> {
    const sink = openSync(devNull, "w");
    const child = fork(CHILD, [module.href, variant], {
      execArgv: [...YOUNG_GENERATION, ...execArgv],
      // Only this: METRICS_TOKEN, SENTRY_DSN or NODE_OPTIONS of the caller would change what is measured.
      env: { NODE_ENV: "production", PATH: process.env.PATH },
      stdio: ["ignore", sink, "inherit", "ipc"],
    });
    closeSync(sink);
    const { port } = await reply<{ port: number }>(child, variant);
    return new ServerProcess(child, port);
  }

  async ask<Question extends keyof Answers>(question: Question): Promise<Answers[Question]> {
    const answered = reply<{ answer: Answers[Question] }>(this.#child, question);
    this.#child.send(question);
    return (await answered).answer;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}

async function reply<Message>(child: ChildProcess, about: string): Promise<Message> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as Message),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`The server process ended with ${code} while asked for "${about}".`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}
