import { createHash } from "node:crypto";
import type { Migration } from "./migration.ts";

/**
 * What a migration means for whoever has to go back, the best news that is proven:
 *
 * - `data-losing`: applying it destroys data that the schema before it held.
 * - `forward-compatible`: the previous release runs on the new schema, so the app alone can be rolled back.
 * - `reversible`: its down migration restored schema and data, so migration and app can be rolled back together.
 * - `forward-only`: neither is proven.
 */
export const MIGRATION_CLASSES = ["forward-compatible", "reversible", "forward-only", "data-losing"] as const;
export type MigrationClass = (typeof MIGRATION_CLASSES)[number];

/** What was tried, and how it went. `unknown`: it was not tried, or could not be seen; it counts as a no. */
export type Tried = "yes" | "no" | "unknown";

/** What `seakeep migrations prove` saw of one migration on a scratch server. */
export interface ProvenMigration {
  readonly name: string;
  /** {@link fingerprint}: another text is another migration, and not proven. */
  readonly sha256: string;
  /** `server_version_num` of the scratch server. */
  readonly server: number;
  /** What the scratch database was filled from: the id of a backup, or `sample`. */
  readonly data: string;
  readonly class: MigrationClass;
  readonly facts: {
    /** Applying it destroyed data. */
    readonly losesData: Tried;
    /** The previous release's statements or checks ran on the new schema. */
    readonly oldCodeRuns: Tried;
    /** The down migration brought back schema and data. */
    readonly downRestores: Tried;
  };
  /** One sentence each: what was seen, in the order in which it was seen. */
  readonly evidence: readonly string[];
}

/** The file that `seakeep migrations prove` writes beside the configuration, to be committed like a lock file. */
export const PROOF_FILE = "seakeep.migrations.json";

/** Contents of {@link PROOF_FILE}. */
export interface MigrationsProof {
  readonly format: 1;
  /** In the order in which they are applied. They may have been proven at different times. */
  readonly migrations: readonly ProvenMigration[];
}

/**
 * The class that the facts amount to. What is unknown never makes it better.
 *
 * @example
 * classify({ losesData: "no", oldCodeRuns: "unknown", downRestores: "yes" }); // "reversible"
 */
export function classify({ losesData, oldCodeRuns, downRestores }: ProvenMigration["facts"]): MigrationClass {
  if (losesData !== "no") return "data-losing";
  if (oldCodeRuns === "yes") return "forward-compatible";
  return downRestores === "yes" ? "reversible" : "forward-only";
}

/** What tells a migration from the same one with another text: SHA-256, hex, of both texts and how they are run. */
export function fingerprint({ up, down, transaction }: Migration): string {
  const parts = [up.text, down?.text ?? null, transaction];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
