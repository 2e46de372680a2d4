import type { Service } from "@seakeep/contract";
import type { DrillSettings } from "../backup/drill/declaration.ts";
import type { Keep } from "../backup/retention.ts";
import type { StoreSettings } from "../backup/stores/declaration.ts";
import type { Check } from "../checks/check.ts";
import type { Receiver } from "../generate/alertmanager/receiver.ts";
import type { MigrationsDeclaration } from "../migrations/declaration.ts";
import type { ReleaseSettings } from "../release/declaration.ts";
import type { Rollback } from "../rollback/declaration.ts";
import type { SignalsSettings } from "../signals/declaration.ts";
import type { Secret } from "./values.ts";

/** A variable or a secret that the configuration names, and who reads it. */
export interface NamedValue {
  readonly kind: "env" | "secret";
  readonly name: string;
  /** Where it stands, such as `backup.store.bucket`. */
  readonly path: string;
  /** Alertmanager reads its secrets itself, from files on its own machine. */
  readonly reader: "command" | "alertmanager";
  /** Of a variable: true when it is set, false when its default stands in. */
  readonly set?: boolean;
}

/** A checked operations file: the environment is read, defaults are filled in, durations are milliseconds. */
export interface Ops {
  readonly service: Service;
  /** Base URL of the service, without a trailing slash. */
  readonly url: string;
  readonly database?: Secret;
  readonly metrics: { readonly path: string; readonly token?: Secret };
  readonly backup?: {
    readonly store: StoreSettings;
    readonly keep?: Keep;
    /** Public keys as written; empty: not encrypted. */
    readonly recipients: readonly string[];
  };
  readonly drill: DrillSettings;
  /** Absent: the configuration says nothing of checks. Empty: it asks for none. */
  readonly checks?: readonly Check[];
  readonly rollback: Rollback;
  /** To be opened with the folder of the configuration. */
  readonly migrations?: MigrationsDeclaration;
  readonly alerting?: { readonly page: Receiver; readonly ticket: Receiver };
  readonly prometheus: {
    /** Milliseconds. */
    readonly scrapeInterval: number;
    /** `host:port`. */
    readonly targets: readonly string[];
    readonly alertmanagers: readonly string[];
    readonly blackbox: string;
    readonly externalLabels: Readonly<Record<string, string>>;
  };
  readonly signals?: SignalsSettings;
  readonly release: ReleaseSettings;
  /** Folder of secret files, without a trailing slash. */
  readonly secrets: string;
  /** Every variable and secret that it names, in the order in which they were met. */
  readonly names: readonly NamedValue[];
}

/** Path at which Prometheus and Alertmanager read a secret. */
export function secretFile(secret: Secret, folder: string): string {
  return secret.file ?? `${folder}/${secret.name}`;
}
