import { randomBytes } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { freePort } from "../stack/ports.ts";
import { type Server, startServer } from "../stack/processes.ts";
import type { Scratch } from "../stack/scratch.ts";
import { answers } from "../stack/until.ts";

/** Runs one version of the courses API at a time, as an orchestrator would, and takes orders over HTTP. */
export interface Platform {
  /** Of the courses API. */
  readonly url: string;
  /** Takes the orders of `deploy.mjs`. */
  readonly control: string;
  current(): string | undefined;
  deploy(version: string): Promise<void>;
  close(): Promise<void>;
}

export interface PlatformOptions {
  readonly databaseUrl: string;
  readonly metricsToken: string;
  /** Versions that can be deployed, and which of them answer every request of the API with a 500. */
  readonly versions: Readonly<Record<string, "good" | "broken">>;
}

const dist = dirname(createRequire(import.meta.url).resolve("courses-api"));

/** Starts the platform, with nothing deployed yet. */
export async function startPlatform(scratch: Scratch, options: PlatformOptions): Promise<Platform> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = randomBytes(32).toString("base64url");
  let running: { readonly version: string; readonly server: Server } | undefined;
  let order: Promise<void> = Promise.resolve();

  const deploy = async (version: string) => {
    const kind = options.versions[version];
    if (kind === undefined) throw new Error(`there is no ${version}`);
    if (running?.version === version) return;
    await running?.server.stop();
    running = undefined;
    const server = await startServer(scratch, {
      name: `courses-api-${port}`,
      command: process.execPath,
      args: () => [join(dist, "server.js")],
      env: () => ({
        DATABASE_URL: options.databaseUrl,
        JWT_SECRET: secret,
        UPLOAD_DIR: join(scratch.folder, "uploads"),
        MAIL_DIR: join(scratch.folder, "mail"),
        METRICS_ENABLED: "true",
        METRICS_TOKEN: options.metricsToken,
        RELEASE: version,
        FAULTS: "1",
        PORT: String(port),
      }),
      port,
      ready: () => answers(`${url}/livez`),
      // Many programs of a rollback start one after the other, and a busy machine may take its time.
      readyWithin: 60_000,
    });
    running = { version, server };
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ errors: kind === "broken" ? 1 : 0 });
    await fetch(`${url}/__faults/`, { method: "POST", headers, body });
  };
  /** One after another, as they come: an order that was given by a command that died still counts. */
  const give = (version: string) => {
    order = order.catch(() => {}).then(() => deploy(version));
    return order;
  };

  const control: HttpServer = createServer((request, response) => {
    const [, verb, version = ""] = decodeURIComponent(request.url ?? "").split("/");
    const done: Promise<boolean> =
      verb === "deploy"
        ? give(version).then(() => true)
        : Promise.resolve(verb === "is" ? running?.version === version : version in options.versions);
    void done.then(
      (ok) => response.writeHead(ok ? 204 : 404).end(),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  return {
    url,
    control: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    current: () => running?.version,
    deploy: give,
    async close() {
      await order.catch(() => {});
      control.closeAllConnections();
      await new Promise((resolve) => control.close(resolve));
      await running?.server.kill();
    },
  };
}
