import { Socket, type SocketConstructorOpts } from "node:net";
import type { Client, QueryResult } from "pg";
import type { Connection } from "./connection.ts";
import { CopyWire } from "./copy-wire.ts";
import { fromPostgres } from "./errors.ts";
import { connect, whileOpen } from "./session.ts";

/** A connection for the rows of whole tables, used by one caller. */
export interface CopySession {
  query(sql: string): Promise<void>;
  /** Rows that `COPY ... TO STDOUT` sends, in bytes that are lent. Whoever leaves it early closes the session. */
  copyOut(sql: string): AsyncGenerator<Uint8Array, CopiedOut>;
  /**
   * Gives lent bytes to `COPY ... FROM STDIN`. When they fail the server is told, and keeps none of them.
   *
   * @throws whatever the bytes fail with; {SeakeepError} as `query`.
   */
  copyIn(sql: string, body: AsyncIterable<Uint8Array>): Promise<void>;
  /** At once, whatever is under way. Safe at any time, more than once. */
  close(): Promise<void>;
}

/** What has passed when a COPY has ended well. */
export interface CopiedOut {
  readonly rows: number;
}

/** Kinds of messages to a server. */
const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from("c\0\0\0\x04", "latin1");
const COPY_FAIL = Buffer.from("f\0\0\0\x05\0", "latin1");

/** The listener by which the `pg` client hears its socket. */
type Hears = (bytes: Buffer) => void;

/**
 * Connects for COPY. Whatever it depends on is pinned, as pg_dump does it: the same text for the same value, whatever is set
 * for the server, the database or the role. Names resolve in pg_catalog alone, and timeouts are off.
 *
 * The `pg` client connects, and goes on to speak with the server. Only rows do not reach it: it would make an object of each.
 * Where there is no TLS they are read into a buffer that is used again and again.
 *
 * @throws {SeakeepError} `SK-POSTGRES-002` or `-003`.
 */
export async function openCopySession(connection: Connection): Promise<CopySession> {
  const copying = new Copying();
  const client = await connect(connection, () => copying.plainSocket());
  // Without a listener the loss of an idle connection would end the process; the next query reports it.
  client.on("error", () => {});
  copying.takeOver(client);
  const ask = (sql: string): Promise<QueryResult> =>
    client.query(sql).catch((error: unknown) => {
      throw fromPostgres(error, connection);
    });
  const session: CopySession = {
    query: async (sql) => void (await ask(sql)),
    copyOut: (sql) => copying.out(() => ask(sql)),
    copyIn: (sql, body) => copying.in(() => ask(sql), body),
    async close() {
      // Ending what is broken already is no news.
      await client.end().catch(() => {});
    },
  };
  try {
    await session.query(PINNED);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A session for as long as it is used; see {@link whileOpen}. @throws {SeakeepError} as {@link openCopySession}. */
export function withCopySession<T>(
  connection: Connection,
  signal: AbortSignal,
  use: (session: CopySession) => Promise<T>,
): Promise<T> {
  return whileOpen(() => openCopySession(connection), signal, use);
}

const SETTINGS = [
  ...["search_path = pg_catalog", "statement_timeout = 0", "lock_timeout = 0"],
  ...["idle_in_transaction_session_timeout = 0", "default_transaction_read_only = off"],
  ...["datestyle = ISO", "intervalstyle = postgres", "timezone = 'UTC'", "extra_float_digits = 3"],
  ...["bytea_output = hex", "xmloption = content", "row_security = off", "synchronize_seqscans = off"],
];
const PINNED = [
  ...SETTINGS.map((setting) => `set ${setting}`),
  // Since Postgres 17.
  "select set_config(name, '0', false) from pg_settings where name = 'transaction_timeout'",
].join("; ");

/** The socket of a connection, and the COPY that is under way on it. */
class Copying {
  readonly #wire = new CopyWire({
    onMessages: (bytes) => this.#hears?.(Buffer.from(bytes)),
    onCopyIn: () => {
      this.#invited = true;
      this.#wake();
    },
  });
  #socket: Socket | undefined;
  /** From when rows are taken out. */
  #hears: Hears | undefined;
  /** The server waits for rows. */
  #invited = false;
  #wake: () => void = () => {};

  /** A socket that reads into the wire's own buffers. */
  plainSocket(): Socket {
    const wire = this.#wire;
    const onread = {
      buffer: () => wire.room(),
      callback: (length: number, bytes: Uint8Array): boolean => {
        if (this.#hears !== undefined) return this.#take(length);
        socket.emit("data", Buffer.from(bytes.subarray(0, length)));
        return true;
      },
    };
    // Its types know the option only where it connects at once.
    const socket = new Socket({ onread } as SocketConstructorOpts);
    return socket;
  }

  /** Stands between the socket and the client from now on, at a moment when no message is under way. */
  takeOver(client: Client): void {
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    const [hears] = stream.listeners("data") as Hears[];
    stream.removeAllListeners("data");
    this.#hears = (bytes) => hears!.call(stream, bytes);
    this.#socket = stream;
    // With TLS there are such pieces; else they go to the buffer at once.
    stream.on("data", (bytes: Buffer) => {
      for (let from = 0; from < bytes.length; ) {
        const room = this.#wire.room();
        const piece = bytes.subarray(from, from + room.length);
        room.set(piece);
        from += piece.length;
        if (!this.#take(piece.length)) stream.pause();
      }
    });
    stream.once("close", () => this.#wake());
  }

  async *out(ask: () => Promise<QueryResult>): AsyncGenerator<Uint8Array, CopiedOut> {
    const [socket, wire] = [this.#socket!, this.#wire];
    wire.begin();
    const asked = this.#watch(ask());
    let whole = false;
    try {
      for (let more = true; more; ) {
        await this.#until(() => wire.full || asked.settled);
        more = wire.full;
        const text = wire.handOver();
        socket.resume();
        if (text.length > 0) yield text;
      }
      const { rowCount } = await asked.result;
      if (rowCount !== wire.rows) throw new Error(`${wire.rows} rows of ${rowCount} have arrived.`);
      whole = true;
      return { rows: wire.rows };
    } finally {
      if (!whole) socket.destroy();
    }
  }

  async in(ask: () => Promise<QueryResult>, body: AsyncIterable<Uint8Array>): Promise<void> {
    this.#invited = false;
    const asked = this.#watch(ask());
    await this.#until(() => this.#invited || asked.settled);
    if (this.#invited) {
      try {
        for await (const bytes of body) {
          if (asked.settled) break;
          await this.#send(bytes);
        }
        if (!asked.settled) this.#socket!.write(COPY_DONE);
      } catch (error) {
        // When the server, or the way to it, failed first that is what is told.
        if (asked.settled) await asked.result;
        this.#socket!.write(COPY_FAIL);
        await asked.result.catch(() => {});
        throw error;
      }
    }
    await asked.result;
  }

  /** @returns whether to go on reading */
  #take(length: number): boolean {
    this.#wire.take(length);
    if (!this.#wire.full) return true;
    this.#wake();
    return false;
  }

  async #until(come: () => boolean): Promise<void> {
    while (!come()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #watch(result: Promise<QueryResult>): { readonly result: Promise<QueryResult>; settled: boolean } {
    const watched = { result, settled: false };
    const settle = () => {
      watched.settled = true;
      this.#wake();
    };
    result.then(settle, settle);
    return watched;
  }

  /** Lent bytes: they are written before this is done. */
  #send(bytes: Uint8Array): Promise<void> {
    const head = Buffer.alloc(5);
    head[0] = COPY_DATA;
    head.writeUInt32BE(bytes.length + 4, 1);
    const socket = this.#socket!;
    socket.cork();
    socket.write(head);
    return new Promise<void>((resolve, reject) => {
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      socket.uncork();
    });
  }
}
