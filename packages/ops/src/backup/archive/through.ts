import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SeakeepError } from "@seakeep/contract";

/**
 * Sends a stream through a program and yields what comes out. It fails unless the program took all of the input and
 * ended with 0; the program is ended when the reader stops, when the input fails and on the signal.
 *
 * @throws {SeakeepError} `SK-BACKUP-015` when the program fails.
 *
 * The program gets PATH and nothing else of the environment: secrets are none of its business.
 */
export async function* throughProgram(
  program: string,
  args: readonly string[],
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { env: { PATH: process.env.PATH }, stdio: "pipe" });
  const end = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", end, { once: true });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-500);
  });
  let inputFailed = false;
  const fed = pipeline(
    failing(body, () => (inputFailed = true)),
    child.stdin,
  ).catch((error: unknown) => {
    end();
    return error;
  });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  closed.catch(end);
  try {
    for await (const bytes of child.stdout) yield bytes as Uint8Array;
    const [code, killed] = await closed;
    signal?.throwIfAborted();
    if (inputFailed) throw await fed;
    if (code !== 0) {
      const said = complaint.trim() === "" ? "." : `: ${complaint.trim()}`;
      throw new SeakeepError("SK-BACKUP-015", `${program} ended with ${code ?? killed}${said}`);
    }
    const failure = await fed;
    if (failure !== undefined) throw failure;
  } finally {
    signal?.removeEventListener("abort", end);
    end();
  }
}

/** Sends a stream through a transform of Node's own, in this process. */
export async function* throughTransform(
  transform: Duplex,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const fed = pipeline(Readable.from(body, { objectMode: false }), transform, signal ? { signal } : {});
  // Its failure is also that of the transform, which is read below.
  fed.catch(() => undefined);
  for await (const bytes of transform) yield bytes as Uint8Array;
  await fed;
}

/** Notes that the stream itself failed, which tells its error from that of a pipe whose other end is gone. */
async function* failing(body: AsyncIterable<Uint8Array>, note: () => void): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body;
  } catch (error) {
    note();
    throw error;
  }
}
