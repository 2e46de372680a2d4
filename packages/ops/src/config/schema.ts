import type { Service } from "@seakeep/contract";
import { milliseconds } from "@seakeep/contract";
import * as v from "valibot";
import { DRILL_SCHEMA } from "../backup/drill/declaration.ts";
import type { StoreDeclaration } from "../backup/stores/declaration.ts";
import type { Check } from "../checks/check.ts";
import type { ReceiverDeclaration } from "../generate/alertmanager/receiver.ts";
import { MIGRATIONS_SCHEMA } from "../migrations/declaration.ts";
import { RELEASE_SCHEMA } from "../release/declaration.ts";
import { ROLLBACK } from "../rollback/declaration.ts";
import type { SignalsDeclaration } from "../signals/declaration.ts";
import type { Text } from "./values.ts";

const has = (value: unknown, key: string, type: string): boolean =>
  typeof value === "object" && value !== null && typeof (value as Record<string, unknown>)[key] === type;

const isKind = (value: unknown, kind: string): boolean =>
  has(value, "name", "string") && (value as { kind?: unknown }).kind === kind;

const isText = (value: unknown): boolean => typeof value === "string" || isKind(value, "env");

const text = (wanted: string) => v.custom<Text>(isText, `${wanted} or env("NAME")`);

const addresses = v.custom<Text | readonly Text[]>(
  (value) => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)),
  'host:port, a list of them, or env("NAME")',
);

const receiver = v.custom<ReceiverDeclaration>(
  (value) => has(value, "resolve", "function"),
  'a receiver such as pagerduty(secret("PD_KEY"))',
);

const store = v.custom<StoreDeclaration>(
  (value) => has(value, "resolve", "function") && has(value, "kind", "string"),
  'a store such as fs("/backups") or s3({ bucket: "acme-backups" })',
);

const signals = v.custom<SignalsDeclaration>(
  (value) => has(value, "resolve", "function") && has(value, "kind", "string"),
  'signals such as prometheus(env("PROMETHEUS_URL")) or embedded({ path: "/var/lib/seakeep/courses.db" })',
);

const isDuration = (value: unknown): boolean =>
  typeof value === "string" && milliseconds(value) !== undefined;

const COUNT = "a whole number from 1 to 10000";
const count = v.optional(
  v.pipe(v.number(COUNT), v.integer(COUNT), v.minValue(1, COUNT), v.maxValue(10_000, COUNT)),
);

const backup = v.strictObject(
  {
    store,
    keep: v.optional(
      v.strictObject(
        {
          within: v.optional(v.custom<string>(isDuration, 'a duration such as "7d"')),
          last: count,
          daily: count,
          weekly: count,
          monthly: count,
          yearly: count,
          proven: count,
        },
        "an object such as { daily: 7, weekly: 4, monthly: 12 }",
      ),
    ),
    recipients: v.optional(v.array(text("a public key"), "a list of public keys")),
  },
  'an object such as { store: fs("/backups") }',
);

const isCheck = (value: unknown): boolean =>
  has(value, "run", "function") && has(value, "name", "string") && has(value, "kind", "string");

const ABSOLUTE = /^\/[^\s?#]*$/;

/**
 * The shape of what `defineOps` is given. What a well-formed value means is judged in resolve.ts; secrets wholly, for a
 * problem found here would show what stands in their place.
 */
export const SCHEMA: v.GenericSchema = v.strictObject(
  {
    service: v.custom<Service>(
      (value) => has(value, "hash", "string") && has(value, "slos", "object"),
      "what defineService() returned",
    ),
    url: text("the service's base URL"),
    database: v.optional(v.unknown()),
    metrics: v.optional(
      v.strictObject(
        {
          path: v.optional(
            v.pipe(v.string('a path such as "/metrics"'), v.regex(ABSOLUTE, 'a path such as "/metrics"')),
          ),
          token: v.optional(v.unknown()),
        },
        'an object such as { token: secret("METRICS_TOKEN") }',
      ),
    ),
    backup: v.optional(backup),
    drill: v.optional(DRILL_SCHEMA),
    checks: v.optional(v.array(v.custom<Check>(isCheck, "a check such as health()"), "a list of checks")),
    rollback: v.optional(ROLLBACK),
    release: v.optional(RELEASE_SCHEMA),
    migrations: v.optional(MIGRATIONS_SCHEMA),
    alerting: v.optional(
      v.strictObject({ page: receiver, ticket: receiver }, "an object with page and ticket, a receiver each"),
    ),
    prometheus: v.optional(
      v.strictObject(
        {
          scrapeInterval: v.optional(v.custom<string>(isDuration, 'a duration such as "30s"')),
          targets: v.optional(addresses),
          alertmanagers: v.optional(addresses),
          blackbox: v.optional(text("host:port")),
          externalLabels: v.optional(
            v.record(
              v.pipe(v.string(), v.regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a label name")),
              v.string("a text"),
              'an object such as { cluster: "eu-1" }',
            ),
          ),
        },
        "an object of Prometheus settings",
      ),
    ),
    signals: v.optional(signals),
    secrets: v.optional(text("an absolute folder")),
  },
  "an object",
);
