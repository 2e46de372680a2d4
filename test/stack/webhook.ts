import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./until.ts";

/** One alert as Alertmanager delivered it: its webhook payload, version 4. */
export interface Delivery {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly fingerprint: string;
  /** When it arrived here: `performance.now()`, milliseconds. */
  readonly at: number;
}

/** A receiver of Alertmanager's webhooks that keeps what it was told, in order of arrival. */
export interface Webhook {
  readonly url: string;
  /** Every delivery so far. Alertmanager repeats an alert when its group changes; so does this list. */
  readonly deliveries: readonly Delivery[];
  /** The first delivery that matches, now or within the time (milliseconds). */
  waitFor(what: string, match: (delivery: Delivery) => boolean, within: number): Promise<Delivery>;
  close(): Promise<void>;
}

/** Starts the receiver on a free loopback port. */
export async function startWebhook(now: () => number = () => performance.now()): Promise<Webhook> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    readAlerts(request)
      .then((alerts) => {
        const at = now();
        deliveries.push(...alerts.map((alert) => ({ ...alert, at })));
        response.writeHead(200).end();
      })
      .catch((error: Error) => response.writeHead(400).end(error.message));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ port: 0, host: "127.0.0.1" }, resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    deliveries,
    waitFor: (what, match, within) => until(what, () => deliveries.find(match), { within }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readAlerts(request: IncomingMessage): Promise<Omit<Delivery, "at">[]> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const { version, alerts } = JSON.parse(body) as { version: string; alerts: Omit<Delivery, "at">[] };
  if (version !== "4") throw new Error(`webhook payload version ${version}, expected 4`);
  return alerts;
}
