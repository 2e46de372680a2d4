import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startAlertmanager } from "./alertmanager.ts";
import { startBlackbox } from "./blackbox.ts";
import { type CommandResult, mustRun, runCommand } from "./commands.ts";
import { type CoursesApi, startCoursesApi } from "./courses-api.ts";
import { freePort } from "./ports.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import type { Server } from "./processes.ts";
import { startPrometheus } from "./prometheus.ts";
import { openScratch, type Scratch } from "./scratch.ts";
import { type Delivery, startWebhook, type Webhook } from "./webhook.ts";

/** How the stack is put together. */
export interface StackOptions {
  /** How far `seakeep generate` shrinks every window, such as `"1/60"`. */
  readonly scale: string;
  /** Where everything lives; default: a scratch of its own. */
  readonly scratch?: Scratch;
  /** Hears each part as it is ready, with where it listens and the seconds it took. */
  readonly onReady?: (part: string, where: string, seconds: number) => void;
  /** Hears each page and ticket as it arrives. */
  readonly onDelivery?: (delivery: Delivery) => void;
}

/** The courses API and everything that watches it, all real, all on 127.0.0.1. */
export interface Stack {
  readonly api: CoursesApi;
  readonly postgres: Postgres;
  readonly prometheus: Server;
  readonly alertmanager: Server;
  readonly blackbox: Server;
  readonly webhook: Webhook;
  /** Runs the `seakeep` command in the folder of the declaration, with the environment of this stack. */
  seakeep(...args: readonly string[]): Promise<CommandResult>;
  /** Ends every process and removes every file. */
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const command = join(dirname(require.resolve("seakeep")), "../bin/seakeep.js");
/** The folder of the declaration: `seakeep` finds seakeep.config.ts there. */
const project = join(dirname(require.resolve("courses-api")), "..");

/** Starts the whole stack with freshly generated configuration. On failure nothing is left behind. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const scratch = options.scratch ?? (await openScratch());
  let webhook: Webhook | undefined;
  try {
    webhook = await startWebhook(options.onDelivery);
    return await assemble(scratch, webhook, options);
  } catch (error) {
    await webhook?.close();
    await scratch.close();
    throw error;
  }
}

async function assemble(scratch: Scratch, webhook: Webhook, options: StackOptions): Promise<Stack> {
  /** Waits for a part and tells how long it took, what had to be done before its start included. */
  const part = async <T>(name: string, start: Promise<T>, where: (started: T) => string): Promise<T> => {
    const from = performance.now();
    const started = await start;
    options.onReady?.(name, where(started), (performance.now() - from) / 1000);
    return started;
  };
  const onPort = ({ port }: { readonly port: number }) => `127.0.0.1:${port}`;
  const ports = { api: await freePort(), alertmanager: await freePort(), blackbox: await freePort() };
  const metricsToken = randomBytes(18).toString("base64url");
  const secrets = join(scratch.folder, "secrets");
  await mkdir(secrets, { mode: 0o700 });
  await writeFile(join(secrets, "METRICS_TOKEN"), metricsToken, { mode: 0o600 });
  const env = {
    SERVICE_URL: `http://127.0.0.1:${ports.api}`,
    METRICS_TOKEN: metricsToken,
    PAGE_URL: webhook.pageUrl,
    TICKET_URL: webhook.ticketUrl,
    ALERTMANAGERS: `127.0.0.1:${ports.alertmanager}`,
    BLACKBOX: `127.0.0.1:${ports.blackbox}`,
    SECRETS_DIR: secrets,
  };
  const config = join(scratch.folder, "generated");
  const generate = ["generate", "--scale", options.scale, "--out", config];

  const run = { command: process.execPath, cwd: project, env };
  const generated = mustRun(scratch, { ...run, args: [command, ...generate] });
  await part("seakeep generate", generated, () => `windows at ${options.scale} of their length`);
  const postgres = await part("postgres", startPostgres(scratch), onPort);
  const databaseUrl = await postgres.createDatabase("courses");
  const apiOptions = { databaseUrl, metricsToken, port: ports.api };
  const api = await part("courses-api", startCoursesApi(scratch, apiOptions), ({ url }) => url);
  const startedBlackbox = startBlackbox(scratch, join(config, "blackbox/blackbox.yml"), ports.blackbox);
  const blackbox = await part("blackbox exporter", startedBlackbox, onPort);
  const alertmanagerConfig = join(config, "alertmanager/alertmanager.yml");
  const startedAlertmanager = startAlertmanager(scratch, alertmanagerConfig, ports.alertmanager);
  const alertmanager = await part("alertmanager", startedAlertmanager, onPort);
  const startedPrometheus = startPrometheus(scratch, join(config, "prometheus/prometheus.yml"));
  const prometheus = await part("prometheus", startedPrometheus, onPort);
  return {
    ...{ api, postgres, prometheus, alertmanager, blackbox, webhook },
    seakeep: (...args) => runCommand(scratch, { ...run, args: [command, ...args] }),
    async close() {
      await scratch.close();
      await webhook.close();
    },
  };
}
