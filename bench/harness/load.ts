import { connect, type Socket } from "node:net";

/** One request as it goes on the wire, and the status that proves the server did its work. */
export interface WireRequest {
  readonly bytes: string;
  readonly status: number;
}

export function get(path: string, status = 200): WireRequest {
  return { bytes: `GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n\r\n`, status };
}

/**
 * A load generator of keep-alive connections, one request in flight on each, no pipelining. It knows just enough HTTP
 * to find the end of a response with a Content-Length; being cheap leaves the other core to the server.
 */
export class Load {
  readonly #sockets: readonly Socket[];

  constructor(port: number, connections: number) {
    this.#sockets = Array.from({ length: connections }, () =>
      connect({ port, host: "127.0.0.1", noDelay: true }),
    );
  }

  /** Sends `count` requests, asked for one by one, and resolves when every response has arrived whole. */
  async send(count: number, next: (index: number) => WireRequest): Promise<void> {
    let sent = 0;
    const take = () => (sent < count ? next(sent++) : undefined);
    const restAgain = stayAwake();
    await Promise.all(this.#sockets.map((socket) => converse(socket, take))).finally(restAgain);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/**
 * Keeps this process polling rather than asleep. Whoever writes to a sleeping process pays for waking it, in a virtual
 * machine as much as for a whole request, or nothing at all: noise that drowned the figures.
 */
function stayAwake(): () => void {
  let turn = setImmediate(again);
  function again(): void {
    turn = setImmediate(again);
  }
  return () => clearImmediate(turn);
}

const END_OF_HEAD = "\r\n\r\n";
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
/** "HTTP/1.1 200": where the three digits begin. */
const STATUS_AT = 9;

function converse(socket: Socket, take: () => WireRequest | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let waitingFor = take();
    if (waitingFor === undefined) return resolve();
    let received = "";

    const leave = (error?: Error) => {
      socket.off("data", onData).off("error", leave).off("close", onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onClose = () => leave(new Error("The server closed a keep-alive connection."));
    const onData = (chunk: Buffer) => {
      received += chunk.toString("latin1");
      const head = received.indexOf(END_OF_HEAD);
      if (head < 0) return;
      const length = CONTENT_LENGTH.exec(received)?.[1];
      if (length === undefined) return leave(new Error(`A response without Content-Length:\n${received}`));
      if (received.length < head + END_OF_HEAD.length + Number(length)) return;
      if (Number(received.slice(STATUS_AT, STATUS_AT + 3)) !== waitingFor?.status) {
        return leave(new Error(`Wanted ${waitingFor?.status} for ${waitingFor?.bytes}got:\n${received}`));
      }
      received = "";
      waitingFor = take();
      if (waitingFor === undefined) leave();
      else socket.write(waitingFor.bytes, "latin1");
    };
    socket.on("data", onData).on("error", leave).on("close", onClose);
    socket.write(waitingFor.bytes, "latin1");
  });
}
