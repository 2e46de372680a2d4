import type { Service } from "@seakeep/contract";
import type { DrillDeclaration } from "../backup/drill/declaration.ts";
import type { Keep } from "../backup/retention.ts";
import type { StoreDeclaration } from "../backup/stores/declaration.ts";
import type { Check } from "../checks/check.ts";
import type { ReceiverDeclaration } from "../generate/alertmanager/receiver.ts";
import type { MigrationsDeclaration } from "../migrations/declaration.ts";
import type { ReleaseDeclaration } from "../release/declaration.ts";
import type { RollbackDeclaration } from "../rollback/declaration.ts";
import type { SignalsDeclaration } from "../signals/declaration.ts";
import type { Secret, Text } from "./values.ts";

/** How a service is operated, as written in `seakeep.config.ts`. */
export interface OpsDeclaration {
  /** What `defineService` returned. */
  readonly service: Service;
  /** Base URL of the running service: what checks call and the black-box probe requests. */
  readonly url: Text;
  /** The service's Postgres, as a connection URL. */
  readonly database?: Secret;
  readonly metrics?: {
    /** Where the service exposes its metrics; default `"/metrics"`. */
    readonly path?: string;
    /** The bearer token that `/metrics` asks for. */
    readonly token?: Secret;
  };
  readonly backup?: {
    /** Where backups are kept. */
    readonly store: StoreDeclaration;
    /** What `seakeep backup prune` keeps. Without it nothing is ever pruned. */
    readonly keep?: Keep;
    /**
     * Public keys (X25519, as PEM or the one line between its dashes) that backups are encrypted to. Only their private
     * keys open a backup, and the machine that makes it needs none of them. Default: not encrypted.
     */
    readonly recipients?: readonly Text[];
  };
  /** How `seakeep drill` proves the backups. */
  readonly drill?: DrillDeclaration;
  /** What `seakeep check` verifies after a deploy; default: the four kinds, each with its defaults. */
  readonly checks?: readonly Check[];
  /** How `seakeep rollback` deploys versions and takes migrations back. */
  readonly rollback?: RollbackDeclaration;
  /** What `seakeep release` asks for before and after a deploy. */
  readonly release?: ReleaseDeclaration;
  /** The history of the schema; default: none, the verbs that need one say so. */
  readonly migrations?: MigrationsDeclaration;
  /** Who is told: pages wake somebody up, tickets wait for working hours. */
  readonly alerting?: { readonly page: ReceiverDeclaration; readonly ticket: ReceiverDeclaration };
  readonly prometheus?: {
    /** How often the service is scraped and probed; default `"30s"`, or less when the SLO windows ask for it. */
    readonly scrapeInterval?: string;
    /** `host:port` of every instance, as a list or one comma-separated text; default: the host of `url`. */
    readonly targets?: Text | readonly Text[];
    /** `host:port` of every Alertmanager; default `"127.0.0.1:9093"`. */
    readonly alertmanagers?: Text | readonly Text[];
    /** `host:port` of the blackbox exporter; default `"127.0.0.1:9115"`. */
    readonly blackbox?: Text;
    /** Labels that this Prometheus adds when it speaks to others, such as `{ cluster: "eu-1" }`. */
    readonly externalLabels?: Readonly<Record<string, string>>;
  };
  /** Where measurements of the service come from, for verbs that judge by them. */
  readonly signals?: SignalsDeclaration;
  /** Folder in which Prometheus and Alertmanager find secrets, one file a name; default `"/run/secrets"`. */
  readonly secrets?: Text;
}

/** Marks what `defineOps` returned, also when another copy of this package did. */
const MARK: unique symbol = Symbol.for("seakeep.ops") as never;

/** A declaration that the command will check and load. */
export interface DefinedOps extends OpsDeclaration {
  readonly [MARK]: true;
}

/**
 * Declares how a service is operated: the default export of `seakeep.config.ts`. It is checked when the command loads
 * it, every problem at once (`SK-CONFIG-005`).
 *
 * @example
 * export default defineOps({
 *   service,
 *   url: env("SERVICE_URL", "http://127.0.0.1:3000"),
 *   alerting: { page: pagerduty(secret("PD_KEY")), ticket: slack(secret("SLACK_URL"), { channel: "#courses" }) },
 * });
 */
export function defineOps(declaration: OpsDeclaration): DefinedOps {
  return { ...declaration, [MARK]: true };
}

/** True when the value came from `defineOps`. */
export function isDefinedOps(value: unknown): value is DefinedOps {
  return typeof value === "object" && value !== null && MARK in value;
}
