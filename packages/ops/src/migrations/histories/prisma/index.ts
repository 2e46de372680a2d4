import { join, resolve } from "node:path";
import type { MigrationsDeclaration } from "../../declaration.ts";
import type { Migration } from "../../migration.ts";
import { hasSeveralStatements } from "../../sql/statements.ts";
import { byName, listFolder, malformed, readText } from "../folder.ts";
import { findRecord } from "../record.ts";

export interface PrismaOptions {
  /** The `schema` of the connection URL; default: where `_prisma_migrations` is. */
  readonly schema?: string;
}

/**
 * The history of Prisma Migrate: one folder a migration with its `migration.sql`, in the order of their names. Prisma
 * has no down migrations.
 *
 * @param folder absolute, or below the folder of the configuration
 * @example
 * migrations: prisma("prisma/migrations")
 */
export function prisma(folder: string, { schema }: PrismaOptions = {}): MigrationsDeclaration {
  return {
    kind: "prisma",
    folder,
    open(base) {
      const absolute = resolve(base, folder);
      return {
        kind: "prisma",
        folder: absolute,
        read: () => read(absolute),
        async applied(session) {
          const columns = ["migration_name", "started_at", "finished_at", "rolled_back_at"];
          const record = await findRecord(session, { name: "_prisma_migrations", schema, columns });
          if (record === undefined) return undefined;
          const rows = await session.query<{ name: string }>(
            `select migration_name as name from ${record}
             where finished_at is not null and rolled_back_at is null order by started_at, migration_name`,
          );
          return rows.map(({ name }) => name);
        },
      };
    },
  };
}

const LOCK = "migration_lock.toml";

async function read(folder: string): Promise<readonly Migration[]> {
  const entries = await listFolder(folder);
  if (entries.some(({ name }) => name === LOCK)) await refuseOtherDatabases(join(folder, LOCK));
  const names = entries.filter((entry) => entry.folder).map(({ name }) => name);
  return await Promise.all(
    names.sort(byName).map(async (name): Promise<Migration> => {
      const file = join(folder, name, "migration.sql");
      const text = await readText(file);
      // Sent as one message, which Postgres runs in one transaction when it holds several statements.
      return { name, up: { file, text, offset: 0 }, transaction: await hasSeveralStatements(text) };
    }),
  );
}

async function refuseOtherDatabases(file: string): Promise<void> {
  const [, provider] = /^\s*provider\s*=\s*"([^"]*)"/m.exec(await readText(file)) ?? [];
  if (provider !== undefined && provider !== "postgresql") {
    throw malformed(file, `names the provider "${provider}", and only Postgres is understood.`);
  }
}
