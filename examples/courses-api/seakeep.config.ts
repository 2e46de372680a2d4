import {
  defineOps,
  env,
  fs,
  health,
  metricsGate,
  nodePgMigrate,
  openapi,
  problemShape,
  secret,
  sql,
  webhook,
} from "seakeep";
import { author } from "./checks.ts";
import { service } from "./src/service.ts";

// env("NAME", fallback): what differs between places. secret("NAME"): never written anywhere, only referred to.
export default defineOps({
  service,
  url: env("SERVICE_URL", "http://127.0.0.1:3000"),
  database: secret("DATABASE_URL"),
  metrics: { token: secret("METRICS_TOKEN") },
  backup: {
    // In production a bucket: s3({ bucket: "acme-backups", prefix: "courses-api" }).
    store: fs(env("BACKUP_DIR", "/var/backups/courses-api")),
    keep: { daily: 7, weekly: 4, monthly: 12 },
  },
  drill: {
    every: "7d",
    expect: [
      sql("every course has an owner", "select count(*) = 0 from courses where owner_id is null"),
      sql("somebody can log in", "select count(*) > 0 from users"),
    ],
    // The service itself on the restored data, with nothing that leads to production.
    boot: {
      command: ["node", "dist/server.js"],
      env: {
        JWT_SECRET: "signs no token that anybody accepts",
        METRICS_ENABLED: "true",
        METRICS_TOKEN: secret("METRICS_TOKEN"),
      },
    },
  },
  // As this service is deployed: words, which no shell sees.
  rollback: {
    app: {
      command: [
        "kubectl",
        "set",
        "image",
        "deployment/courses-api",
        "api=registry.example.org/courses-api:{previous}",
      ],
    },
  },
  checks: [
    health(),
    metricsGate(),
    openapi("/api/schema/"),
    problemShape(),
    // It writes, so it runs where somebody made a user for it, and says so by setting its password.
    ...(process.env.CHECK_PASSWORD ? [author] : []),
  ],
  migrations: nodePgMigrate("migrations"),
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
