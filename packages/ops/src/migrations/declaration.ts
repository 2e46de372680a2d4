import type { Problems } from "@seakeep/contract";
import * as v from "valibot";
import type { MigrationHistory } from "./migration.ts";

/** What a kind such as `nodePgMigrate(...)` returns. Nothing is read before a verb asks for it. */
export interface MigrationsDeclaration {
  /** The folder of histories/ that it comes from. */
  readonly kind: string;
  /** As written: absolute, or below the folder of the configuration. */
  readonly folder: string;
  /** @param base absolute path of the folder that a relative `folder` is below: that of the configuration. */
  readonly open: (base: string) => MigrationHistory;
}

const isDeclaration = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Partial<MigrationsDeclaration>).open === "function";

/** The shape of `migrations` in what `defineOps` is given. */
export const MIGRATIONS_SCHEMA: v.GenericSchema<MigrationsDeclaration> = v.custom<MigrationsDeclaration>(
  isDeclaration,
  'a history such as sqlFiles("migrations") or prisma("prisma/migrations")',
);

/** Adds the problems of a declaration that is well-formed. */
export function checkMigrations(written: MigrationsDeclaration | undefined, problems: Problems): void {
  if (written === undefined) return;
  const { kind, folder } = written;
  if (typeof folder === "string" && folder.trim() !== "" && !folder.includes("\0")) return;
  problems.add("migrations", folder, "a folder", `Name the one that ${kind} reads, such as "migrations".`);
}
