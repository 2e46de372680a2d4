import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Duplex, Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SeakeepError } from "@seakeep/contract";
import { openChannel } from "../../system/channel.ts";

/**
 * Sends a stream of lent bytes through a program and yields what comes out, lent too. It fails unless the program took all of the input and
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
  const channel = await openChannel();
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH },
    stdio: ["pipe", channel?.childEnd ?? "pipe", "pipe"],
  });
  channel?.given();
  const end = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", end, { once: true });
  let complaint = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-500);
  });
  let inputFailed = false;
  const input = failing(body, () => (inputFailed = true));
  const fed = feed(input, child.stdin!).catch((error: unknown) => {
    end();
    return error;
  });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  closed.catch(end);
  try {
    yield* channel?.body ?? (child.stdout as AsyncIterable<Uint8Array>);
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
    channel?.close();
    end();
  }
}

/** Writes a stream of lent bytes: each is written before the next are asked for. */
async function feed(body: AsyncIterable<Uint8Array>, to: Writable): Promise<void> {
  // What goes wrong with it is also told to the write that is under way.
  to.on("error", () => {});
  for await (const bytes of body) {
    await new Promise<void>((resolve, reject) => {
      to.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
  to.end();
}

/** Sends a stream through a transform of Node's own, in this process. */
export async function* throughTransform(
  transform: Duplex,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const fed = pipeline(Readable.from(kept(body), { objectMode: false }), transform, signal ? { signal } : {});
  // Its failure is also that of the transform, which is read below.
  fed.catch(() => undefined);
  for await (const bytes of transform) yield bytes as Uint8Array;
  await fed;
}

/** A stream of lent bytes as one of bytes to keep. */
async function* kept(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const bytes of body) yield Uint8Array.from(bytes);
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
