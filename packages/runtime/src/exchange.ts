import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Outcome } from "./access-log.ts";

/** Where a request keeps its exchange; the same across copies of this module. */
const EXCHANGE: unique symbol = Symbol.for("seakeep.exchange") as never;

/** On a socket: its exchanges that wait for their turn to answer (HTTP pipelining). */
const QUEUE: unique symbol = Symbol("seakeep.queue");

/** Non-standard, from nginx, and understood everywhere: the client closed the request before it was answered. */
const CLIENT_CLOSED_REQUEST = 499;
/** What a request is counted as that the server cut off without an answer. */
const NO_ANSWER = 500;

/** Node's own, of long standing and without a public name: the header block as sent. */
interface Internals {
  readonly _header?: string | null;
}

type QueueingSocket = Socket & { [QUEUE]?: Set<Exchange> };

/** Told when an exchange is over, exactly once. Neither method throws. */
export interface ExchangeOwner {
  finished(exchange: Exchange, end: ExchangeEnd): void;
  fault(part: "exchange"): void;
}

export interface ExchangeEnd {
  readonly status: number;
  readonly outcome: Outcome;
  /** From the first byte of the request's head to the last of the reply. */
  readonly seconds: number;
}

/**
 * One request, from first byte to finish or abort.
 *
 * It listens to one event. `finish` alone would miss aborts, and `close` comes in every case but one: a pipelined
 * request whose connection dies before its turn never gets a socket, hence no `close`, so the socket is watched then.
 */
export class Exchange {
  readonly owner: ExchangeOwner;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly id: string;
  readonly path: string;
  /** Read now: a destroyed socket has forgotten it. */
  readonly peer: string | undefined;
  /** The request as the framework knows it, once it does: for the route and the user. */
  request: unknown = undefined;
  readonly #started: number;
  readonly #sentBefore: number;
  #open = true;

  constructor(owner: ExchangeOwner, req: IncomingMessage, res: ServerResponse, path: string, id: string) {
    this.owner = owner;
    this.req = req;
    this.res = res;
    this.id = id;
    this.path = path;
    const { socket } = req;
    this.peer = socket.remoteAddress;
    this.#sentBefore = Number(socket.bytesWritten);
    (req as Observed)[EXCHANGE] = this;
    res.on("close", closed);
    if (res.socket === null) this.#waitForTurn(socket);
    this.#started = performance.now();
  }

  #waitForTurn(socket: QueueingSocket): void {
    if (socket[QUEUE] === undefined) {
      socket[QUEUE] = new Set();
      socket.once("close", cutOff);
    }
    socket[QUEUE].add(this);
  }

  /** Body bytes as sent, chunk framing included; `undefined` when pipelining mixes replies and none says its length. */
  get bytes(): number | undefined {
    const { socket } = this.req;
    const header = (this.res as Internals)._header;
    if (header === undefined || header === null) return 0;
    if ((socket as QueueingSocket)[QUEUE] === undefined) {
      const body = socket.bytesWritten - this.#sentBefore - header.length;
      if (!Number.isNaN(body)) return Math.max(body, 0);
    }
    if (this.req.method === "HEAD") return 0;
    const [, length] = CONTENT_LENGTH.exec(header) ?? [];
    return length === undefined ? undefined : Number(length);
  }

  #isWhole(res: ServerResponse, socket: Socket): boolean {
    // No real connection, as in Fastify's inject(): nothing is ever flushed.
    if (Number.isNaN(this.#sentBefore)) return res.writableEnded;
    // `writableFinished` alone lies: when the client resets the connection during the last write, Node calls that
    // finished too.
    return res.writableFinished && !socket.errored;
  }

  finish(): void {
    if (!this.#open) return;
    this.#open = false;
    const seconds = (performance.now() - this.#started) / 1000;
    try {
      const { socket } = this.req;
      (socket as QueueingSocket)[QUEUE]?.delete(this);
      this.#end(socket, seconds);
    } catch {
      this.owner.fault("exchange");
      this.owner.finished(this, { status: NO_ANSWER, outcome: "broken", seconds });
    }
  }

  #end(socket: Socket, seconds: number): void {
    const { res } = this;
    if (this.#isWhole(res, socket)) {
      this.owner.finished(this, { status: res.statusCode, outcome: "ok", seconds });
      return;
    }
    const outcome = clientLeft(res, socket) ? "aborted" : "broken";
    const unanswered = outcome === "aborted" ? CLIENT_CLOSED_REQUEST : NO_ANSWER;
    const answered = res.headersSent && (res.socket !== null || res.writableFinished);
    this.owner.finished(this, { status: answered ? res.statusCode : unanswered, outcome, seconds });
  }
}

const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * The peer reset or ended the connection, rather than the server destroying the reply or timing out. Newer Nodes
 * destroy the replies that still waited for their turn with an ECONNRESET of their own.
 */
function clientLeft(res: ServerResponse, socket: Socket): boolean {
  const error = res.errored as NodeJS.ErrnoException | null;
  const destroyedByServer = Boolean(error) && error?.code !== "ECONNRESET";
  return !destroyedByServer && (Boolean(socket.errored) || socket.readableEnded);
}

type Observed = IncomingMessage & { [EXCHANGE]?: Exchange };

/** The exchange of a request that is, or was, observed. */
export function exchangeOf(req: IncomingMessage): Exchange | undefined {
  return (req as Observed)[EXCHANGE];
}

function closed(this: ServerResponse): void {
  exchangeOf(this.req)?.finish();
}

function cutOff(this: QueueingSocket): void {
  for (const exchange of this[QUEUE] ?? []) exchange.finish();
}
