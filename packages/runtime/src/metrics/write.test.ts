import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { writeChunks } from "./write.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Serves one response on a raw connection, which can stop to read and hang up. */
async function serve(answer: (response: ServerResponse) => Promise<void>): Promise<Socket> {
  const server = createServer((_, response) => void answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  closers.push(() => {
    socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return socket;
}

const CHUNK = "x".repeat(32 * 1024);

describe("writeChunks", () => {
  it("writes everything, passes empty chunks over, and ends", async () => {
    const socket = await serve((response) =>
      writeChunks(
        response,
        (async function* () {
          yield "one\n";
          yield "";
          yield "two\n";
        })(),
      ),
    );
    let text = "";
    for await (const data of socket) text += data;
    expect(text).toMatch(/\r\n4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\n$/);
  });

  it("lets the event loop turn between chunks", async () => {
    let turns = 0;
    const count = () => {
      turns++;
      if (turns < 1000) setImmediate(count);
    };
    const socket = await serve(async (response) => {
      setImmediate(count);
      await writeChunks(
        response,
        (async function* () {
          for (let index = 0; index < 50; index++) yield "x";
        })(),
      );
      expect(turns).toBeGreaterThanOrEqual(50);
    });
    for await (const _ of socket);
    expect(turns).toBeGreaterThanOrEqual(50);
  });

  it("waits for a slow reader rather than filling memory, and stops when it hangs up", async () => {
    let made = 0;
    let closed = false;
    let ended: Promise<void> | undefined;
    const socket = await serve((response) => {
      ended = writeChunks(
        response,
        (async function* () {
          try {
            for (; made < 10_000; made++) yield CHUNK;
          } finally {
            closed = true;
          }
        })(),
      );
      return ended;
    });
    socket.pause();
    let before = -1;
    while (made !== before || made === 0) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // Stuck behind a full socket, far from the end: 300 MB would have been the whole.
    expect(made).toBeLessThan(1000);
    expect(closed).toBe(false);
    socket.destroy();
    await ended;
    expect(closed).toBe(true);
    expect(made).toBe(before);
  });

  it("passes on a failure that is not the reader's", async () => {
    let failure: unknown;
    const socket = await serve(async (response) => {
      try {
        await writeChunks(
          response,
          // biome-ignore lint/correctness/useYield: it fails before its first chunk
          (async function* (): AsyncGenerator<string> {
            throw new Error("broken");
          })(),
        );
      } catch (error) {
        failure = error;
        response.destroy();
      }
    });
    await new Promise((resolve) => socket.once("close", resolve));
    expect(failure).toEqual(new Error("broken"));
  });
});
