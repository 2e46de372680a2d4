import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { NAMES } from "@seakeep/contract";

/** Where to listen. */
export interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Reads `127.0.0.1:9841`, `[::1]:9841`; `undefined` for anything else. The host must be said: nothing listens everywhere by accident. */
export function parseAddress(text: string): Address | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/**
 * Serves `/metrics` until the signal says so.
 *
 * @param page never rejects
 * @param onListening hears the URL
 */
export async function listen(
  { host, port }: Address,
  page: () => Promise<string>,
  { signal, onListening }: { readonly signal: AbortSignal; readonly onListening: (url: string) => void },
): Promise<void> {
  const server = createServer(async ({ method, url = "" }, response) => {
    const [path] = url.split("?");
    if (path !== NAMES.paths.metrics) return void response.writeHead(404).end();
    if (method !== "GET" && method !== "HEAD") {
      return void response.writeHead(405, { allow: "GET, HEAD" }).end();
    }
    const body = await page();
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, signal }, resolve);
  });
  onListening(urlOf(server));
  await new Promise<void>((resolve) => server.once("close", resolve));
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}${NAMES.paths.metrics}`;
}
