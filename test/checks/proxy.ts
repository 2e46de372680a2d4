import {
  Agent,
  createServer,
  request as forward,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** A request as it came, and the answer that the service gave. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** Of the request; a fault may change them before the service is asked. */
  readonly sent: OutgoingHttpHeaders;
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
  /** Takes over the connection: what `answer` writes is all that the client gets. */
  raw?: (socket: Socket) => void;
}

/** What is wrong with a proxy. */
export interface Meddling {
  /** Before the service is asked. */
  readonly before?: (exchange: Exchange) => void;
  /** Before its answer is passed on. */
  readonly after?: (exchange: Exchange) => void | Promise<void>;
  /** Speaks TLS, with this. */
  readonly tls?: ServerOptions;
}

/** A proxy in front of a service, until it is closed. */
export interface Proxy {
  readonly url: URL;
  close(): void;
}

/** Puts a proxy in front of a service, with a fault or without. */
export async function startProxy(service: URL, { before, after, tls }: Meddling = {}): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    response.on("error", () => {});
    const body = await collect(request);
    const { host: _, connection: __, ...sent } = request.headers;
    const exchange: Exchange = {
      ...{ method: request.method!, path: request.url!, sent },
      ...{ status: 502, headers: {}, body: Buffer.alloc(0) },
    };
    before?.(exchange);
    await ask(service, exchange, body, agent);
    await after?.(exchange);
    if (exchange.raw !== undefined) return exchange.raw(response.socket!);
    response.writeHead(exchange.status, exchange.headers).end(exchange.body);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/`),
    close() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function ask(service: URL, exchange: Exchange, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const { method, path, sent: headers } = exchange;
    const { hostname: host, port } = service;
    const asking = forward({ host, port, method, path, headers, agent }, async (answer) => {
      const {
        connection: _,
        "keep-alive": __,
        "transfer-encoding": ___,
        "content-length": ____,
        ...own
      } = answer.headers;
      exchange.status = answer.statusCode!;
      exchange.headers = own;
      exchange.body = await collect(answer);
      resolve();
    });
    asking.on("error", reject);
    asking.end(body);
  });
}
