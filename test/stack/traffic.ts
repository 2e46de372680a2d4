import { Agent, request } from "node:http";

/** What is sent, how often and for how long at most. */
export interface TrafficPlan {
  /** Base URL of the service. */
  readonly url: string;
  /** Paths to GET, in turn. */
  readonly paths: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds after which it stops by itself. */
  readonly limit: number;
}

/** How the requests since some moment ended. */
export interface TrafficCount {
  readonly sent: number;
  /** Status below 400. */
  readonly ok: number;
  /** Status 500 and above. */
  readonly serverErrors: number;
  /** Any other status. */
  readonly other: number;
  /** No answer: refused, reset, or none within five seconds. */
  readonly unanswered: number;
}

/** Steady traffic that is under way. */
export interface Traffic {
  /** Totals since it started. */
  count(): TrafficCount;
  /** Sends nothing more and drops what is in flight. */
  stop(): void;
}

/**
 * Sends requests at a steady rate over kept-alive connections, as many at once as it takes: a slow service does
 * not slow the traffic down, as real users would not.
 */
export function startTraffic({ url, paths, rate, limit }: TrafficPlan): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const count = { sent: 0, ok: 0, serverErrors: 0, other: 0, unanswered: 0 };
  const started = performance.now();
  const send = () => {
    const path = paths[count.sent % paths.length] ?? "/";
    count.sent++;
    const sent = request(new URL(path, url), { agent, timeout: 5000 });
    sent.on("response", (response) => {
      response.resume();
      count[outcomeOf(response.statusCode ?? 0)]++;
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 5 s")));
    sent.on("error", () => count.unanswered++);
    sent.end();
  };
  const stop = () => {
    clearInterval(timer);
    agent.destroy();
  };
  const timer = setInterval(() => {
    const elapsed = performance.now() - started;
    if (elapsed >= limit) return stop();
    // Timers come late under load; the rate is kept by what is due, not by how often this runs.
    const due = Math.floor((elapsed / 1000) * rate);
    while (count.sent < due) send();
  }, 1000 / rate);
  return { count: () => ({ ...count }), stop };
}

function outcomeOf(status: number): "ok" | "serverErrors" | "other" {
  if (status >= 500) return "serverErrors";
  return status < 400 ? "ok" : "other";
}
