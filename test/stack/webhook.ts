import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./until.ts";

/** One alert as Alertmanager delivered it: its webhook payload, version 4. */
export interface Delivery {
  /** Which of the two addresses it came to: how urgent the routing took it to be. */
  readonly route: "page" | "ticket";
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Identifies the alert by its labels. */
  readonly fingerprint: string;
  /** When it arrived here: `performance.now()`, milliseconds. */
  readonly at: number;
}

/** A receiver of Alertmanager's webhooks that keeps what it was told. */
export interface Webhook {
  readonly pageUrl: string;
  readonly ticketUrl: string;
  /**
   * News in order of arrival. Alertmanager repeats an alert whenever its group changes, and mentions as resolved what
   * it never told of; neither is news.
   */
  readonly deliveries: readonly Delivery[];
  /** The first news that matches, past ones included, within the time (milliseconds). */
  waitFor(what: string, match: (delivery: Delivery) => boolean, within: number): Promise<Delivery>;
  /** The pages that were delivered as firing and not yet as resolved. */
  firingPages(): readonly Delivery[];
  close(): Promise<void>;
}

/** Starts the receiver on a free loopback port; `tell` hears each piece of news as it arrives. */
export async function startWebhook(tell: (delivery: Delivery) => void = () => {}): Promise<Webhook> {
  const deliveries: Delivery[] = [];
  const latest = new Map<string, Delivery>();
  const server = createServer((request, response) => {
    readDeliveries(request)
      .then((received) => {
        for (const delivery of received) {
          const key = `${delivery.route} ${delivery.fingerprint}`;
          if (delivery.status === (latest.get(key)?.status ?? "resolved")) continue;
          latest.set(key, delivery);
          deliveries.push(delivery);
          tell(delivery);
        }
        response.writeHead(200).end();
      })
      .catch((error: Error) => response.writeHead(400).end(error.message));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ port: 0, host: "127.0.0.1" }, resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    pageUrl: `${url}/page`,
    ticketUrl: `${url}/ticket`,
    deliveries,
    waitFor: (what, match, within) => until(what, () => deliveries.find(match), { within }),
    firingPages: () =>
      [...latest.values()].filter(({ route, status }) => route === "page" && status === "firing"),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readDeliveries(request: IncomingMessage): Promise<Delivery[]> {
  const at = performance.now();
  const route = request.url?.slice(1);
  if (route !== "page" && route !== "ticket") throw new Error(`no receiver at ${request.url}`);
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const { version, alerts } = JSON.parse(body) as {
    version: string;
    alerts: Omit<Delivery, "route" | "at">[];
  };
  if (version !== "4") throw new Error(`webhook payload version ${version}, expected 4`);
  return alerts.map((alert) => ({ ...alert, route, at }));
}
