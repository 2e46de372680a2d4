import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Servers that were looked at, watched or not. */
const seen = new WeakSet<object>();

/** Codes of Node's `clientError` that stand for a refused request; the rest (ECONNRESET) are connections that went. */
const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/**
 * Counts the requests that Node's parser refuses before any framework sees them.
 *
 * Only where the server has a `clientError` listener of its own (Fastify always does): the first such listener takes
 * over answering the client from Node, and watching must not change what happens. A server is looked at once, with its
 * first request.
 */
export function watchParserErrors(
  server: Server | undefined,
  refused: (status: number, peer: string | undefined) => void,
): void {
  if (server === undefined || seen.has(server)) return;
  seen.add(server);
  if (server.listenerCount("clientError") === 0) return;
  server.prependListener("clientError", (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket & { _httpMessage?: unknown };
    const code = error.code ?? "";
    const status = STATUS[code] ?? (code.startsWith("HPE_") ? 400 : undefined);
    // A reply under way is an exchange already, and ends by itself.
    if (status === undefined || socket._httpMessage) return;
    refused(status, socket.remoteAddress);
  });
}
