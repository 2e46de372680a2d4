import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type ServerOptions as TlsOptions } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves HTTP on a free loopback port until the test ends. */
export async function serve(handler: Handler): Promise<URL> {
  const server = createHttpServer((request, response) => {
    response.on("error", () => {});
    handler(request, response);
  });
  const url = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return url;
}

/** The same over TLS. */
export async function serveTls(handler: Handler, options: TlsOptions): Promise<URL> {
  const server = createHttpsServer(options, handler);
  server.on("tlsClientError", () => {});
  const { port } = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`https://127.0.0.1:${port}/`);
}

/** Serves whatever `answer` writes to the socket, once the client has sent something. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<URL> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  const url = await listen(server);
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return url;
}

/** The address of a port on which nothing listens. */
export async function nobody(): Promise<URL> {
  const server = createTcpServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

async function listen(server: Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

/** Answers with a body; objects are sent as JSON. */
export function reply(status: number, body: unknown, headers: Record<string, string> = {}): Handler {
  const json = typeof body === "object" && !Buffer.isBuffer(body);
  return (_request, response) => {
    response.writeHead(status, { "content-type": json ? "application/json" : "text/plain", ...headers });
    response.end(json ? JSON.stringify(body) : (body as string | Buffer));
  };
}
