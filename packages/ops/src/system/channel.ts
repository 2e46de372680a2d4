import { randomBytes, timingSafeEqual } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";

/** A way from the output of a child process to this one that reads into one buffer, over and over. */
export interface Channel {
  /** For the child, as its standard output. Call `given` once it has been started. */
  readonly childEnd: Socket;
  /** Closes this process's copy of the child's end, so that the output ends with the child. */
  given(): void;
  /** What the child writes. Bytes are lent: they change when the next are asked for. */
  readonly body: AsyncGenerator<Uint8Array, void>;
  /** Both ends. Safe at any time, more than once. */
  close(): void;
}

/** Bytes read at once at most; the kernel holds no more of a socket by default. */
const BUFFER = 256 * 1024;
const TOKEN_BYTES = 32;

/**
 * Opens a channel; `undefined` where there is none to be had, and a pipe of Node's must do.
 *
 * Node reads a pipe into 64 KiB of new memory each time, and collecting that as garbage took more CPU than hashing what
 * was in it. A socket that connects may bring its own buffer, so this connects to itself: by a name that no file system
 * has (unix(7), abstract), and with a token, because such a name is open to every user of the machine.
 */
export async function openChannel(platform: string = process.platform): Promise<Channel | undefined> {
  if (platform !== "linux") return undefined;
  const token = randomBytes(TOKEN_BYTES);
  const path = `\0seakeep-${randomBytes(16).toString("hex")}`;
  const inlet = new Inlet();
  const server = createServer({ pauseOnConnect: true });
  const callers = new Set<Socket>();
  let socket: Socket | undefined;
  try {
    const childEnd = await new Promise<Socket>((resolve, reject) => {
      server.on("error", reject).on("connection", (caller: Socket) => {
        caller.on("error", () => {});
        callers.add(caller);
        void presents(caller, token).then((own) => (own ? resolve(caller) : caller.destroy()));
      });
      server.listen(path, () => {
        const { buffer, take } = inlet;
        socket = connect({ path, onread: { buffer, callback: take } }, () => socket?.write(token));
        socket.once("error", reject);
      });
    });
    inlet.readFrom(socket!);
    callers.delete(childEnd);
    const given = () => void childEnd.destroy();
    const close = () => {
      given();
      socket?.destroy();
    };
    return { childEnd, given, body: inlet.body(), close };
  } catch {
    socket?.destroy();
    return undefined;
  } finally {
    server.close();
    // A stranger who says nothing would keep this process from ending.
    for (const caller of callers) caller.destroy();
  }
}

/** True when the first bytes of a connection are the token: nobody else can know it. */
async function presents(caller: Socket, token: Uint8Array): Promise<boolean> {
  const bytes = await new Promise<Buffer | null>((resolve) => {
    caller.once("close", () => resolve(null));
    const look = () => {
      const read = caller.read(TOKEN_BYTES) as Buffer | null;
      if (read !== null) resolve(read);
      else caller.once("readable", look);
    };
    look();
  });
  return bytes?.length === TOKEN_BYTES && timingSafeEqual(bytes, token);
}

/** One buffer between a socket that fills it and a reader that asks for it; neither goes on while the other is at it. */
class Inlet {
  readonly buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER);
  #filled = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  /** Takes what the socket read, and stops it. */
  readonly take = (bytes: number): boolean => {
    this.#filled = bytes;
    this.#wake();
    return false;
  };

  readFrom(socket: Socket): void {
    this.#socket = socket;
    const end = (error?: Error) => {
      this.#failure ??= error;
      this.#ended = true;
      this.#wake();
    };
    socket.once("error", end).once("end", () => end());
    socket.once("close", () => end(this.#ended ? undefined : new Error("The channel was closed.")));
  }
  #socket: Socket | undefined;

  async *body(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        while (this.#filled === 0 && !this.#ended) {
          const ready = new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#socket?.resume();
          await ready;
        }
        if (this.#filled > 0) yield this.buffer.subarray(0, this.#filled);
        else if (this.#failure !== undefined) throw this.#failure;
        else return;
        this.#filled = 0;
      }
    } finally {
      this.#socket?.destroy();
    }
  }
}
