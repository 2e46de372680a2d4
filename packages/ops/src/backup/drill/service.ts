import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SeakeepError } from "@seakeep/contract";
import { launch, type Running } from "../../postgres/scratch/launch.ts";
import type { WorkFolder } from "../../postgres/scratch/work-folder.ts";

/** A service to start for a drill. */
export interface ServiceSpec {
  readonly command: readonly [program: string, ...args: string[]];
  /** The whole of its environment, but for the port. */
  readonly env: Readonly<Record<string, string>>;
  /** Variable that gets the port. */
  readonly port: string;
  readonly cwd: string;
  /** Path that answers 200 once it is ready. */
  readonly ready: string;
  /** Milliseconds until "not ready" is a failure. */
  readonly within: number;
}

/** A service under drill. */
export interface RunningService {
  readonly url: URL;
  /** Resolves when it answers; else with why it does not, in words. */
  untilReady(signal: AbortSignal): Promise<string | undefined>;
  /** Looks once more: why it is no longer ready, in words. */
  stillReady(signal: AbortSignal): Promise<string | undefined>;
  /** The end of what it printed. It may hold anything. */
  lastLines(): Promise<string>;
  /** Ends it and whatever it started. Resolves when all are gone. */
  stop(): Promise<void>;
}

const POLL = 100;
/** Milliseconds for one request; a service that is starting may take one and never answer. */
const PATIENCE = 2_000;
/** Milliseconds between asking it to stop and killing it. */
const GRACE = 5_000;

/**
 * Starts a service in a process group of its own, on a free port of 127.0.0.1. The work folder ends it when it closes, also
 * because this process was killed.
 *
 * @throws {SeakeepError} `SK-DRILL-004` when there is no such program.
 */
export async function startService(spec: ServiceSpec, folder: WorkFolder): Promise<RunningService> {
  const [program, ...args] = spec.command;
  const port = await freePort();
  const url = new URL(`http://127.0.0.1:${port}`);
  const log = join(folder.path, "service.log");
  const env = { ...spec.env, [spec.port]: String(port) };
  const running = launch(program, args, { folder, log, env, cwd: spec.cwd, signal: "SIGTERM" });
  if (running.child.pid === undefined) {
    const what = `${program} could not be started: ${await running.ended}.`;
    throw new SeakeepError("SK-DRILL-004", what);
  }
  let ending: string | undefined;
  void running.ended.then((how) => {
    ending = String(how);
  });
  return {
    url,
    async untilReady(signal) {
      const deadline = performance.now() + spec.within;
      let seen = "nothing answered";
      while (performance.now() < deadline) {
        signal.throwIfAborted();
        if (ending !== undefined) return `it ended with ${ending} before it was ready`;
        const status = await ask(new URL(spec.ready, url), signal);
        if (status === 200) return undefined;
        if (status !== undefined) seen = `it answered ${status}`;
        await pause(POLL);
      }
      return `${spec.ready} was not ready within ${spec.within / 1000} s: ${seen}`;
    },
    async stillReady(signal) {
      if ((await ask(new URL(spec.ready, url), signal)) === 200) return undefined;
      // That it does not answer is known a moment before that it has ended.
      await Promise.race([running.ended, pause(POLL)]);
      return ending === undefined
        ? `${spec.ready} no longer answered 200 after the checks`
        : `it ended with ${ending}`;
    },
    async lastLines() {
      const text = await readFile(log, "utf8").catch(() => "");
      return text.trim().split("\n").slice(-10).join("\n");
    },
    stop: () => stop(running, folder),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/** The status; `undefined`: no answer. */
async function ask(url: URL, signal: AbortSignal): Promise<number | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const response = await fetch(url, { redirect: "manual", signal: limit });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

async function stop({ child, ended }: Running, folder: WorkFolder): Promise<void> {
  const group = child.pid!;
  send(group, "SIGTERM");
  const overdue = setTimeout(() => send(group, "SIGKILL"), GRACE);
  await ended;
  clearTimeout(overdue);
  // What it started may have outlived it.
  send(group, "SIGKILL");
  folder.release(group);
}

function send(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Gone already, which is what is wanted.
  }
}
