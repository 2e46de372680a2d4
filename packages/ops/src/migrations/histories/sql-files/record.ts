import { SeakeepError } from "@seakeep/contract";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { Session } from "../../../postgres/session.ts";
import { findRecord } from "../record.ts";

/** A table with one row for each migration that was applied. */
export interface SqlRecord {
  readonly table: string;
  /** Default: `public`, else the first schema that has the table. */
  readonly schema?: string;
  /** Holds a file's name, with or without `.sql`, or the number that it begins with. */
  readonly column: string;
}

/** How the tools that use folders of SQL files keep their record. */
export type RecordKind = "dbmate" | "goose" | "golang-migrate" | SqlRecord;

/** What is recorded as applied, as recorded, in order; `undefined` without a record. */
export async function readRecord(
  session: Session,
  kind: RecordKind,
  names: () => Promise<readonly string[]>,
): Promise<readonly string[] | undefined> {
  if (kind === "golang-migrate") return await readGolangMigrate(session, names);
  const found = await findVersions(session, kind);
  return found && named(found.versions, await names());
}

/** The table of a record, its column, and what stands in it. */
export interface Versions {
  /** As SQL names them. */
  readonly record: string;
  readonly column: string;
  /** As recorded, in order. */
  readonly versions: readonly string[];
}

/** Reads a record that has a row for each migration; `undefined` without one. */
export async function findVersions(
  session: Session,
  kind: Exclude<RecordKind, "golang-migrate">,
): Promise<Versions | undefined> {
  const { table, schema, column, where, order } = typeof kind === "object" ? custom(kind) : TOOLS[kind];
  const record = await findRecord(session, { name: table, schema, columns: [column] });
  if (record === undefined) return undefined;
  const quoted = quoteIdentifier(column);
  const rows = await session.query<{ version: string }>(
    `select ${quoted}::text as version from ${record} r where ${where(record)} order by ${order ?? quoted}`,
  );
  return { record, column: quoted, versions: rows.map(({ version }) => version) };
}

interface Layout extends SqlRecord {
  readonly where: (record: string) => string;
  readonly order?: string;
}

const TOOLS: Readonly<Record<"dbmate" | "goose", Layout>> = {
  dbmate: { table: "schema_migrations", column: "version", where: () => "true" },
  goose: {
    table: "goose_db_version",
    column: "version_id",
    // Older versions add a row when they go down; the last one of a version counts. Version 0 stands for the table.
    where: (record) =>
      `version_id > 0 and is_applied and id = (select max(id) from ${record} l where l.version_id = r.version_id)`,
    order: "id",
  },
};

const custom = (record: SqlRecord): Layout => ({ ...record, where: () => "true" });

/** One row: the last version, and whether it failed halfway. */
async function readGolangMigrate(
  session: Session,
  names: () => Promise<readonly string[]>,
): Promise<readonly string[] | undefined> {
  const record = await findRecord(session, { name: "schema_migrations", columns: ["version", "dirty"] });
  if (record === undefined) return undefined;
  const [row] = await session.query<{ version: string; dirty: boolean }>(
    `select version::text as version, dirty from ${record} limit 1`,
  );
  if (row?.dirty) {
    throw new SeakeepError(
      "SK-MIGRATIONS-004",
      `${record} says that migration ${row.version} failed halfway.`,
      {
        fix: "Mend the schema by hand, then `migrate force` the version that it really has.",
      },
    );
  }
  return row === undefined
    ? []
    : (await names()).filter((name) => Number.parseInt(name, 10) <= Number(row.version));
}

/** Which migration a recorded version is. One that no file belongs to stays as it is. */
export function named(versions: readonly string[], names: readonly string[]): readonly string[] {
  return versions.map((version) => {
    const bare = version.replace(/\.sql$/, "");
    const number = /^\d+$/.test(bare) ? BigInt(bare) : undefined;
    const same = (name: string) => {
      const [digits] = /^\d+/.exec(name) ?? [];
      return digits !== undefined && number !== undefined && BigInt(digits) === number;
    };
    return names.find((name) => name === bare) ?? names.find(same) ?? version;
  });
}
