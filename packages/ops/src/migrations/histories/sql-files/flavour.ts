import type { MigrationSql } from "../../migration.ts";

/** One migration of a folder of SQL files. */
export interface SqlFileMigration {
  readonly up: MigrationSql;
  readonly down?: MigrationSql;
  /** `undefined`: the file does not say. */
  readonly transaction?: boolean;
}

/** Where a way of writing both directions into one file puts them. */
export interface Flavour {
  readonly name: "dbmate" | "goose";
  readonly up: RegExp;
  readonly down: RegExp;
  /** In the text of a direction: it runs outside a transaction. */
  readonly noTransaction: RegExp;
}

/** The comments that dbmate and goose look for. */
export const FLAVOURS: readonly Flavour[] = [
  {
    name: "dbmate",
    up: /^--\s*migrate:up(?=\s|$)/m,
    down: /^--\s*migrate:down(?=\s|$)/m,
    noTransaction: /^--\s*migrate:(up|down)\b.*\btransaction:\s*false\b/m,
  },
  {
    name: "goose",
    up: /^--\s*\+goose\s+up\b/im,
    down: /^--\s*\+goose\s+down\b/im,
    noTransaction: /^--\s*\+goose\s+no\s+transaction\b/im,
  },
];

/** The directions of one file; `undefined` when it has no way up. */
export function splitFlavoured(flavour: Flavour, file: string, text: string): SqlFileMigration | undefined {
  const up = text.search(flavour.up);
  const down = text.search(flavour.down);
  if (up < 0 || (down >= 0 && down < up)) return undefined;
  const way = { file, text: text.slice(up, down < 0 ? undefined : down), offset: up };
  // goose says it once for the whole file, and may do so above the first comment.
  const told = flavour.name === "goose" ? text : way.text;
  return {
    up: way,
    ...(down < 0 ? {} : { down: { file, text: text.slice(down), offset: down } }),
    transaction: !flavour.noTransaction.test(told),
  };
}
