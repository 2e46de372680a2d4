import { defineOps, env, health, metricsGate, openapi, problemShape, secret, webhook } from "seakeep";
import { service } from "./src/service.ts";

// env("NAME", fallback): what differs between places. secret("NAME"): never written anywhere, only referred to.
export default defineOps({
  service,
  url: env("SERVICE_URL", "http://127.0.0.1:3000"),
  metrics: { token: secret("METRICS_TOKEN") },
  checks: [health(), metricsGate(), openapi("/api/schema/"), problemShape()],
  alerting: {
    page: webhook(env("PAGE_URL", "http://127.0.0.1:9095/page")),
    ticket: webhook(env("TICKET_URL", "http://127.0.0.1:9095/ticket")),
  },
  prometheus: {
    alertmanagers: env("ALERTMANAGERS", "127.0.0.1:9093"),
    blackbox: env("BLACKBOX", "127.0.0.1:9115"),
  },
  secrets: env("SECRETS_DIR", "/run/secrets"),
});
