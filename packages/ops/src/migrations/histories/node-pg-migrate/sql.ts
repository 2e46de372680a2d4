import type { MigrationSql } from "../../migration.ts";

/** The comment that begins a direction, as node-pg-migrate looks for it. */
const marker = (direction: "up" | "down"): RegExp =>
  new RegExp(`^\\s*--[\\s-]*${direction}\\s+migration`, "im");

/**
 * The directions of an SQL file of node-pg-migrate: one before the other in either order, or the whole text is the way
 * up. The rule is its own (sqlMigration.ts), down to what stands above the first comment: that is not run.
 */
export function splitDirections(file: string, text: string): { up: MigrationSql; down?: MigrationSql } {
  const up = text.search(marker("up"));
  const down = text.search(marker("down"));
  const part = (from: number, other: number): MigrationSql => ({
    file,
    text: text.slice(from, other < from ? undefined : other),
    offset: from,
  });
  const way = up >= 0 ? part(up, down) : { file, text, offset: 0 };
  return down >= 0 ? { up: way, down: part(down, up) } : { up: way };
}
