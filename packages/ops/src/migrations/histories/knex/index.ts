import { extname, join, resolve } from "node:path";
import type { Session } from "../../../postgres/session.ts";
import type { MigrationsDeclaration } from "../../declaration.ts";
import type { Migration } from "../../migration.ts";
import { byName, listFolder } from "../folder.ts";
import { renderWith } from "../program.ts";
import { findRecord } from "../record.ts";

export interface KnexOptions {
  /** Its `tableName`; default `"knex_migrations"`. */
  readonly table?: string;
  /** Its `schemaName`; default: where the table is. */
  readonly schema?: string;
}

const PROGRAMS = new Set([".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"]);

/**
 * The history of Knex. Its migrations are programs: the project's own Knex runs them against a client that records what
 * it is sent, within 30 seconds and without a database.
 *
 * @param folder absolute, or below the folder of the configuration
 * @example
 * migrations: knex("migrations")
 */
export function knex(folder: string, options: KnexOptions = {}): MigrationsDeclaration {
  const { table = "knex_migrations", schema } = options;
  return {
    kind: "knex",
    folder,
    open(base) {
      const absolute = resolve(base, folder);
      const find = (session: Session) =>
        findRecord(session, { name: table, schema, columns: ["id", "name"] });
      return {
        kind: "knex",
        folder: absolute,
        read: () => read(absolute),
        async applied(session) {
          const record = await find(session);
          if (record === undefined) return undefined;
          const rows = await session.query<{ name: string }>(`select name from ${record} order by id`);
          return rows.map(({ name }) => name);
        },
        async forget(session, name) {
          const record = await find(session);
          if (record !== undefined) await session.query(`delete from ${record} where name = $1`, [name]);
        },
        async remember(session, name) {
          const record = await find(session);
          if (record === undefined) return;
          await session.query(
            `insert into ${record} (name, batch, migration_time)
             values ($1, (select coalesce(max(batch), 0) + 1 from ${record}), now())`,
            [name],
          );
        },
      };
    },
  };
}

async function read(folder: string): Promise<readonly Migration[]> {
  const names = (await listFolder(folder))
    .filter(
      (entry) => !entry.folder && PROGRAMS.has(extname(entry.name)) && !/\.d\.[cm]?ts$/.test(entry.name),
    )
    .map(({ name }) => name)
    .sort(byName);
  if (names.length === 0) return [];
  const rendered = await renderWith("knex", { folder, names });
  return rendered.map(({ name, up, down, transaction }) => {
    const file = join(folder, name);
    return {
      name,
      up: { file, text: up },
      ...(down === undefined ? {} : { down: { file, text: down } }),
      transaction,
    };
  });
}
