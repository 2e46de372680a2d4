import type { Ops } from "../config/ops.ts";
import type { Migration, MigrationHistory } from "../migrations/migration.ts";
import type { Connection } from "../postgres/connection.ts";
import type { Environment } from "../print.ts";

/** What the operator says, on the command line. It goes before what is looked up. */
export interface Statements {
  /** When the deploy, or without one the damage, began. */
  readonly since?: Date | undefined;
  readonly noDeploy?: boolean | undefined;
  /** The version that runs, the one to go back to, and one that mends it. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly fix?: string | undefined;
  /** The newest migration that the version before knew, or `none`. */
  readonly migratedAfter?: string | undefined;
  readonly service?: "harmed" | "healthy" | undefined;
  readonly data?: "damaged" | "sound" | undefined;
  /** Id of the backup to restore, or a beginning of it. */
  readonly backup?: string | undefined;
}

/** Statements as a run notes them, to tell later whether the same is said again. */
export function told(said: Statements): Readonly<Record<string, string>> {
  const texts = Object.entries(said).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Date ? value.toISOString() : value ? String(value) : "",
  ]);
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}

/** Where evidence is looked for. */
export interface Surroundings {
  readonly ops: Ops;
  /** Absolute path of the folder of the configuration. */
  readonly folder: string;
  readonly connection?: Connection | undefined;
  readonly environment: Environment;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Runs a command of the configuration and answers its exit code; `null`: a signal ended it. */
  readonly run: (command: readonly string[]) => Promise<number | null>;
}

/** The migrations of the project and how it records them. */
export interface ReadHistory {
  readonly history: MigrationHistory;
  readonly migrations: readonly Migration[];
}
